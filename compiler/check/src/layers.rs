//! Functions and constants checked on two threads, layer by layer: those of one layer use only what stands in layers before it, and know
//! nothing of each other. What comes of it is what one thread makes of them in their order.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use play_program::artifact::Node;
use play_syntax::side_by_side::{both, each};

use crate::context::Context;
use crate::numbered::Numbered;
use crate::order::Unit;
use crate::typed::{Const, Fn, NodeId};

/// Fewer of a layer are checked sooner by one thread than another is begun.
const FEW: usize = 64;

/// What a unit became.
enum Became {
    Fn(Fn),
    Const(Const),
}

/// A unit that was checked, by its place in the order.
struct Done {
    place: usize,
    became: Became,
    /// Its nodes, among those of the context in which it was made.
    nodes: Range<usize>,
}

/// What one thread makes, with a context of its own.
struct Part<'a> {
    own: Context<'a>,
    done: Vec<Done>,
}

impl<'a> Context<'a> {
    /// All of them, which stand in this `order` and use each other like that. `None`: something depends on what was checked before it (a
    /// finding that is told once for all places), and is to be found in order; then nothing is left of it.
    pub(crate) fn layered(
        &mut self,
        order: &[Unit],
        uses: &[BTreeSet<Unit>],
    ) -> Option<(Vec<Fn>, Vec<Const>)> {
        let numbered = numbered(order);
        let (mut here, there) = (Part::of(self), Mutex::new(Part::of(self)));
        let left = here.own.left();
        let other = || there.lock().unwrap_or_else(PoisonError::into_inner);
        let layers = self.layers(order, uses);
        let free = layers.iter().all(|layer| {
            let two = layer.len() >= FEW;
            let (first, second) = layer.split_at(if two { self.half(layer, order) } else { layer.len() });
            let (first, second) =
                both(two, || here.make(first, &numbered), || other().make(second, &numbered));
            first && second && here.own.left() == left && other().own.left() == left
        });
        let parts = [here, there.into_inner().unwrap_or_else(PoisonError::into_inner)];
        if free {
            return Some(self.taken(parts, order.len()));
        }
        drop(parts);
        Arc::make_mut(&mut self.fns).iter_mut().for_each(|f| f.made = OnceLock::new());
        Arc::make_mut(&mut self.consts).iter_mut().for_each(|c| c.made = OnceLock::new());
        None
    }

    /// By layer, in order: the places of its units.
    fn layers(&self, order: &[Unit], uses: &[BTreeSet<Unit>]) -> Vec<Vec<usize>> {
        let mut layers: Vec<Vec<usize>> = Vec::new();
        // Of each unit, by its number.
        let mut known = vec![0_usize; order.len()];
        for (place, unit) in order.iter().enumerate() {
            let at = self.number_of(*unit);
            let below = |used: &Unit| known.get(self.number_of(*used)).map_or(0, |l| l.saturating_add(1));
            let layer = uses.get(at).into_iter().flatten().map(below).max().unwrap_or(0);
            if let Some(known) = known.get_mut(at) {
                *known = layer;
            }
            match layers.get_mut(layer) {
                Some(units) => units.push(place),
                None => layers.push(vec![place]),
            }
        }
        layers
    }

    /// How many of these stand in the first half of their text: constants come first, and are short.
    fn half(&self, layer: &[usize], order: &[Unit]) -> usize {
        let long = |place: &usize| {
            let span = match order.get(*place)? {
                Unit::Fn(at) => self.fns.get(*at)?.decl.body.span,
                Unit::Const(at) => self.consts.get(*at)?.decl.value.span,
            };
            Some(u64::from(span.end.saturating_sub(span.start)))
        };
        let lengths = layer.iter().map(|place| long(place).unwrap_or_default());
        let whole: u64 = lengths.clone().sum();
        let mut before = 0_u64;
        lengths
            .take_while(|length| {
                before = before.saturating_add(*length);
                before <= whole / 2
            })
            .count()
    }

    /// Puts what was made in order.
    fn taken(&mut self, parts: [Part<'a>; 2], units: usize) -> (Vec<Fn>, Vec<Const>) {
        // How many nodes each has, and then the number of its first.
        let mut firsts = vec![0_usize; units];
        for done in parts.iter().flat_map(|part| &part.done) {
            if let Some(first) = firsts.get_mut(done.place) {
                *first = done.nodes.len();
            }
        }
        let mut nodes = self.nodes.len();
        for first in &mut firsts {
            let many = std::mem::replace(first, nodes);
            nodes = nodes.saturating_add(many);
        }
        let mut slots: Vec<Option<(Became, &[Node])>> = Vec::new();
        slots.resize_with(units, || None);
        let mut made = Vec::new();
        for Part { own, mut done } in parts {
            renumber(&mut done, &firsts);
            self.findings.extend(own.findings);
            self.parties.asked_too(own.parties);
            made.push((own.nodes, done));
        }
        for (nodes, done) in &mut made {
            for Done { place, became, nodes: range } in done.drain(..) {
                if let Some(slot) = slots.get_mut(place) {
                    *slot = Some((became, nodes.get(range).unwrap_or_default()));
                }
            }
        }
        self.nodes.reserve(nodes.saturating_sub(self.nodes.len()));
        let (mut fns, mut consts) = (Vec::new(), Vec::new());
        for (became, nodes) in slots.into_iter().flatten() {
            self.nodes.extend_from_slice(nodes);
            match became {
                Became::Fn(made) => fns.push(made),
                Became::Const(made) => consts.push(made),
            }
        }
        (fns, consts)
    }
}

impl<'a> Part<'a> {
    fn of(context: &Context<'a>) -> Self {
        Self { own: context.copy(), done: Vec::new() }
    }

    /// Checks the units at these places. `order`: each with its index in the program. Whether all of them came to something.
    fn make(&mut self, places: &[usize], order: &[(Unit, usize)]) -> bool {
        places.iter().all(|place| {
            let nodes = self.own.nodes.len();
            let became = order.get(*place).and_then(|(unit, index)| match unit {
                Unit::Fn(at) => {
                    let made = self.own.function(*at);
                    self.own.made_fn(*at, *index, made.as_ref());
                    made.map(Became::Fn)
                }
                Unit::Const(at) => {
                    let made = self.own.constant(*at);
                    self.own.made_const(*at, *index, made.as_ref());
                    made.map(Became::Const)
                }
            });
            let nodes = nodes..self.own.nodes.len();
            self.done.extend(became.map(|became| Done { place: *place, became, nodes }));
            self.done.last().is_some_and(|done| done.place == *place)
        })
    }
}

/// Gives the nodes of each the numbers that they have in order.
fn renumber(done: &mut [Done], firsts: &[usize]) {
    each(true, done, |Done { place, became, nodes }| {
        let number = |at: usize| NodeId::try_from(at).unwrap_or(NodeId::MAX);
        let first = firsts.get(*place).copied().unwrap_or_default();
        let by = number(first).wrapping_sub(number(nodes.start));
        match became {
            _ if by == 0 => {}
            Became::Fn(made) => made.renumber(by),
            Became::Const(made) => made.renumber(by),
        }
    });
}

/// Each with its index among those of its kind.
fn numbered(order: &[Unit]) -> Vec<(Unit, usize)> {
    let (mut fns, mut consts) = (0..order.len(), 0..order.len());
    let next = |unit: &Unit| match unit {
        Unit::Fn(_) => fns.next(),
        Unit::Const(_) => consts.next(),
    };
    order.iter().copied().zip(order.iter().map(next).map(Option::unwrap_or_default)).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use crate::alike::checked_alike;

    /// Functions and constants in many layers, which stand the other way round than they use each other; and `more`.
    fn program(more: &str) -> String {
        let mut text = String::new();
        for at in (0..400_u32).rev() {
            let below = at / 3;
            let used = if at == 0 { "1".into() } else { format!("f_{below}(n) / c_{below}") };
            let sure = if at % 5 == 0 { format!("of_{at}.first") } else { format!("hit_{at}(n)") };
            let _ = writeln!(
                text,
                "fn f_{at}(n: Int) -> Int {{ let of_{at} = [n, {at}]\n  if n > {at} {{ {used} }} else {{ {sure} else {at} }} }}
const c_{at} = [d_{at}, {at}].first else 0
const d_{at}: Int = {at} + 1
fn hit_{at}(n: Int) -> Int? {{ if n in [d_{at}, c_{below}] {{ n }} else {{ none }} }}",
            );
        }
        text + more
    }

    #[test]
    fn two_threads_check_functions_as_one_does() {
        for (more, sound) in [
            ("", true),
            // Told once for all places, and compared with other names: found in order, or not as one thread finds it.
            ("fn odd(n: Int) -> Int { f_12(hits) + f_1000(n) }\nfn odder(n: Int) -> Int { hits }", false),
            ("fn a(n: Int) -> Int { b(n) }\nfn b(n: Int) -> Int { a(n) }\nconst e = b(f_3(1))", false),
            ("fn wrong(n: Int) -> String { f_7(n) }\nconst also: Ip = c_7", false),
        ] {
            let one = checked_alike(&program(more));
            assert_eq!(one.program.is_some(), sound, "{:?}", one.diagnostics.first());
        }
    }
}
