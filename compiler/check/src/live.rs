//! A project that is checked after each change, as an editor does it: what was read before is kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use play_syntax::{Kept, parse_again, side_by_side};

use crate::memory::Memory;
use crate::reading::{Read, of};
use crate::workspace::Workspace;
use crate::{Checked, Parsed, checked};

/// What is kept of a project from one check to the next. What is found is what [`crate::check_workspace`] finds.
#[derive(Debug, Default)]
pub struct Live {
    files: BTreeMap<String, LiveFile>,
    /// Those of the check before that nobody has asked for yet.
    before: BTreeMap<String, LiveFile>,
    pub(crate) memory: Memory,
}

/// Where most is kept, more text than for a check of the whole is looked at sooner by one thread than others are started for it.
const MUCH: usize = 256 << 10;

/// A file as it was read last.
#[derive(Debug)]
struct LiveFile {
    /// Its index then, which is in all its places.
    index: u32,
    text: Arc<str>,
    kept: Kept,
    read: Read,
}

impl Live {
    /// Checks a project of which another version was checked before.
    #[must_use]
    pub fn check(
        &mut self,
        workspace: &Workspace,
        std: &dyn Fn(&str) -> Option<&'static str>,
    ) -> (Checked, Vec<Parsed>) {
        self.before = std::mem::take(&mut self.files);
        let worth = |bytes| bytes >= MUCH && side_by_side::worth(bytes);
        let found = checked(workspace, std, true, worth, Some(self));
        self.before.clear();
        found
    }

    /// The file of this path, read as the one of this index.
    pub(crate) fn read(&mut self, index: usize, path: &str, text: &Arc<str>) -> Read {
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        let mut kept = match self.before.remove(path) {
            Some(file) if file.index == index && file.text == *text => {
                let read = file.read.clone();
                self.files.insert(path.to_string(), file);
                return read;
            }
            // Its tree goes, so that whoever keeps the parts has them alone, and can move them where they are.
            Some(file) => file.kept,
            None => Kept::default(),
        };
        let parsed = parse_again(index, text, &mut kept);
        let read = Read { stamps: kept.stamps().to_vec(), ..of(text, parsed) };
        let file = LiveFile { index, text: Arc::clone(text), kept, read: read.clone() };
        self.files.insert(path.to_string(), file);
        read
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop")]

    use proptest::prelude::*;

    use super::Live;
    use crate::check_workspace;
    use crate::workspace::of_text;

    const FILES: &str = r#"// file: a.play
use std.connectors.okta
case Login { user: OktaUserId, hits: Int }
const most = 3
fn twice(of: Int) -> Int { of * most }
playbook one for Login when twice(case.hits) > 2 {
  let user = okta.user(case.user) else hand over to queue.tier1 because "who?"
  do okta.suspend(user.id) for 4h else hand over to queue.tier1 because "no"
  close TruePositive because "done"
}
// file: b.play
fn thrice(of: Int) -> Int { twice(of) + of }
test "few" {
  given Login { user: "u", hits: thrice(1) }
  run one
  expect closed TruePositive
}
"#;

    fn same(live: &mut Live, text: &str) {
        let Ok(workspace) = of_text("live", text) else { return };
        let (kept, trees) = live.check(&workspace, &play_stdlib::module);
        let anew = check_workspace(&workspace, &play_stdlib::module);
        assert_eq!(kept.diagnostics, anew.diagnostics, "{text}");
        assert_eq!(kept.allowed, anew.allowed, "{text}");
        assert_eq!(format!("{:?}", kept.program), format!("{:?}", anew.program), "{text}");
        assert_eq!(trees.len(), kept.files.len(), "{text}");
    }

    #[test]
    fn files_come_and_go_between_checks() {
        let mut live = Live::default();
        same(&mut live, FILES);
        let both = live.files.len();
        assert!(live.files.contains_key("a.play") && live.files.contains_key("b.play"));
        // One before the others moves them all on.
        same(&mut live, &format!("// file: 0.play\nuse std.deadlines\n{FILES}"));
        assert!(live.files.contains_key("std/deadlines.play"));
        same(&mut live, FILES);
        assert_eq!(live.files.len(), both, "what is not asked for is not kept");
        same(&mut live, "const a = 1\n");
        assert_eq!(live.files.len(), 1);
    }

    #[test]
    fn a_text_that_is_the_same_is_not_read_again() {
        let mut live = Live::default();
        let workspace = of_text("live", FILES).unwrap();
        let tree = |live: &mut Live| {
            let (_, trees) = live.check(&workspace, &play_stdlib::module);
            trees.into_iter().next().unwrap().tree
        };
        let (first, second) = (tree(&mut live), tree(&mut live));
        assert!(first.items.iter().zip(&second.items).all(|(a, b)| std::sync::Arc::ptr_eq(a, b)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn after_any_change_it_finds_what_a_check_of_the_whole_does(
            edits in prop::collection::vec(
                (0..FILES.len(), 0..30_usize, prop::sample::select(vec![
                    "", " ", "x", "\n", "{", "}", "\"", "case.", "fn f() -> Int { most }\n", "role r\n", "// ", "note \"x\"\n",
                    "\n// file: c.play\n", "use std.deadlines\n", "\nconst most = 4\n",
                ])),
                1..8,
            )
        ) {
            let (mut text, mut live) = (FILES.to_string(), Live::default());
            same(&mut live, &text);
            for (at, gone, put) in edits {
                let from = at.min(text.len());
                text.replace_range(from..(from + gone).min(text.len()), put);
                same(&mut live, &text);
            }
        }
    }
}
