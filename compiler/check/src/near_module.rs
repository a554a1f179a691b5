//! The module of the standard library that was meant. The library is given as a function from paths to texts, so what is near is tried.

/// The folders of the library.
const FOLDERS: [&str; 4] = ["connectors", "cases", "sources", ""];

/// A module whose path is one letter away, or whose name stands in another folder.
pub(crate) fn of(module: &str, std: &dyn Fn(&str) -> Option<&'static str>) -> Option<String> {
    // So long no name of a module is, and each letter more is dozens of tries.
    if module.len() > 40 || !module.is_ascii() {
        return None;
    }
    let (folder, name) = module.rsplit_once('/').unwrap_or(("", module));
    let join = |folder: &str, name: &str| {
        if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") }
    };
    let is_there = |path: &String| std(path).is_some();
    let elsewhere = FOLDERS.iter().map(|folder| join(folder, name)).find(is_there);
    elsewhere
        .or_else(|| one_letter(name).map(|name| join(folder, &name)).find(is_there))
        .or_else(|| one_letter(folder).map(|folder| join(&folder, name)).find(is_there))
        .or_else(|| {
            FOLDERS
                .iter()
                .flat_map(|folder| one_letter(name).map(move |name| join(folder, &name)))
                .find(is_there)
        })
}

/// All words that are one letter away: changed, left out, put in, or exchanged with the next.
fn one_letter(word: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = word.chars().collect();
    let with = |at: usize, gone: usize, put: Vec<char>| {
        let before = letters.iter().take(at).copied();
        before.chain(put).chain(letters.iter().skip(at.saturating_add(gone)).copied()).collect::<String>()
    };
    let mut all = Vec::new();
    for at in 0..=letters.len() {
        all.push(with(at, 1, Vec::new()));
        if let (Some(a), Some(b)) = (letters.get(at), letters.get(at.saturating_add(1))) {
            all.push(with(at, 2, vec![*b, *a]));
        }
        for letter in ('a'..='z').chain('0'..='9').chain(['_']) {
            all.push(with(at, 1, vec![letter]));
            all.push(with(at, 0, vec![letter]));
        }
    }
    all.into_iter()
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_is_nearly_a_module_is_found() {
        let near = |module: &str| of(module, &play_stdlib::module);
        assert_eq!(near("connectors/octa").as_deref(), Some("connectors/okta"));
        assert_eq!(near("connectors/okat").as_deref(), Some("connectors/okta"));
        assert_eq!(near("okta").as_deref(), Some("connectors/okta"));
        assert_eq!(near("connector/okta").as_deref(), Some("connectors/okta"));
        assert_eq!(near("connectors/nothing_alike"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"o".repeat(1_000)), None);
    }
}
