//! How often the names of declarations stand in the text of the project. A name in a comment counts as well: what is said of names
//! that stand nowhere is certain.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use play_syntax::ast::ItemKind;

use crate::project::Loaded;
use crate::words::words;

/// How often a name stands in the project.
#[derive(Clone, Copy, Default)]
struct Times {
    all: u32,
    /// Outside of `use` lines.
    outside: u32,
}

/// Of each name that was asked for.
pub(crate) struct Written<'a>(HashMap<&'a str, Times, FixedState>);

impl<'a> Written<'a> {
    /// How often these names stand in the files of the project.
    pub(crate) fn of(files: &'a [Loaded], names: impl Iterator<Item = &'a str>) -> Self {
        let mut times: HashMap<&'a str, Times, FixedState> =
            names.map(|name| (name, Times::default())).collect();
        for file in files.iter().filter(|f| f.package == 0) {
            let uses = file.tree.items.iter().filter(|i| matches!(i.kind, ItemKind::Use(_))).map(|i| i.span);
            let text = &*file.text;
            let mut from = 0;
            for (start, end) in
                uses.map(|s| (s.start as usize, s.end as usize)).chain([(text.len(), text.len())])
            {
                let mut count = |range: std::ops::Range<usize>, outside: u32| {
                    for word in words(text.get(range).unwrap_or_default()) {
                        if let Some(of) = times.get_mut(word) {
                            of.all = of.all.saturating_add(1);
                            of.outside = of.outside.saturating_add(outside);
                        }
                    }
                };
                count(from..start, 1);
                count(start..end, 0);
                from = end.max(from);
            }
        }
        Self(times)
    }

    /// Times that a name stands anywhere.
    pub(crate) fn times(&self, name: &str) -> u32 {
        self.0.get(name).map_or(0, |of| of.all)
    }

    /// Whether a name stands anywhere outside of `use` lines.
    pub(crate) fn is_outside_of_uses(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|of| of.outside > 0)
    }
}
