//! Functions and constants checked on two threads, layer by layer: those of one layer use only what stands in layers before it, and know
//! nothing of each other. What comes of it is what one thread makes of them in their order.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use play_syntax::side_by_side::both;

use crate::beside::{Done, Shares, in_order};
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

impl Numbered for Became {
    fn renumber(&mut self, by: NodeId) {
        match self {
            Became::Fn(made) => made.renumber(by),
            Became::Const(made) => made.renumber(by),
        }
    }
}

/// What one thread makes, with a context of its own.
struct Part<'a> {
    own: Context<'a>,
    done: Vec<Done<Became>>,
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
            let shares = Shares::of(layer.len());
            let (first, second) = if layer.len() < FEW {
                (here.make(layer, &shares, &numbered), true)
            } else {
                let there = || other().make(layer, &shares, &numbered);
                both(true, || here.make(layer, &shares, &numbered), there)
            };
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

    /// Puts what was made in order.
    fn taken(&mut self, parts: [Part<'a>; 2], units: usize) -> (Vec<Fn>, Vec<Const>) {
        let mut made = Vec::with_capacity(parts.len());
        for Part { own, done } in parts {
            self.findings.extend(own.findings);
            self.parties.asked_too(own.parties);
            made.push((own.nodes, done));
        }
        let (mut fns, mut consts) = (Vec::new(), Vec::new());
        for became in in_order(&mut self.nodes, made, units) {
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

    /// Checks those of these units that it takes. `order`: each with its index in the program. Whether all of them came to something.
    fn make(&mut self, places: &[usize], shares: &Shares, order: &[(Unit, usize)]) -> bool {
        let mut made = true;
        while made && let Some(taken) = shares.take() {
            made = places.get(taken).into_iter().flatten().all(|place| self.unit(*place, order));
        }
        made
    }

    fn unit(&mut self, place: usize, order: &[(Unit, usize)]) -> bool {
        let first = self.own.nodes.len();
        let became = order.get(place).and_then(|(unit, index)| match unit {
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
        let Some(made) = became else { return false };
        self.done.push(Done { place, made, first, nodes: first..self.own.nodes.len() });
        true
    }
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
