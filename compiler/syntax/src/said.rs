//! Which roles and queues a file speaks of.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::token::{Token, TokenKind as K};

/// `role.NAME` and `queue.NAME` of a file. They are looked for once, when they are first asked for: a mistake in each item asks again.
pub(crate) type Targets = OnceLock<HashSet<String>>;

/// What a file says besides what went wrong.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(crate) text: &'a str,
    pub(crate) tokens: &'a [Token],
    pub(crate) targets: &'a Targets,
}

impl Said<'_> {
    /// Whether the file has this role or queue somewhere: `queue.tier2`.
    pub(crate) fn has(&self, target: &str) -> bool {
        self.targets.get_or_init(|| targets(self.text, self.tokens)).contains(target)
    }
}

fn targets(text: &str, tokens: &[Token]) -> HashSet<String> {
    let mut found = HashSet::new();
    for three in tokens.windows(3) {
        if let [kind, dot, name] = three
            && matches!(kind.text(text), "role" | "queue")
            && dot.kind == K::Dot
            && (name.kind == K::Ident || name.kind.is_word())
        {
            found.insert(format!("{}.{}", kind.text(text), name.text(text)));
        }
    }
    found
}
