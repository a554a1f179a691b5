//! Comments, empty lines and other blanks at random places of a text.

use super::Rng;

/// The text, with comments where lines end and between lines, and with more blanks than anybody writes.
#[must_use]
pub fn commented(text: &str, seed: u64) -> String {
    let mut rng = Rng::new(seed ^ 0xC0_77E7);
    let mut out = String::new();
    for (n, line) in text.lines().enumerate() {
        if rng.chance(8) {
            out.push_str(&" ".repeat(rng.index(7)));
            out.push_str(&format!("// before line {n}\n"));
        }
        if rng.chance(4) {
            out.push_str("\n\n   \n");
        }
        if rng.chance(10) {
            out.push_str(&" ".repeat(rng.index(5)));
        }
        out.push_str(line);
        if rng.chance(8) {
            out.push_str(&format!(" // line {n}, \"as it is\" {{"));
        } else if rng.chance(5) {
            out.push_str("  \t");
        }
        out.push_str(if rng.chance(2) { "\r\n" } else { "\n" });
    }
    out
}
