//! The declarations of a generated program, in order.

use super::Ty;
use super::features::{documents, functions};
use super::scope::Gen;

impl Gen {
    /// Functions and the source.
    pub(super) fn declarations(&mut self) {
        for _ in 0..self.rng.below(4) {
            functions::function(self);
        }
        documents::source(self);
        let declare: Vec<fn(&mut Gen)> = self.features.iter().flat_map(|f| f.declare).copied().collect();
        for write in declare {
            write(self);
        }
    }

    /// The playbook `p`, of so many statements and an ending.
    pub(super) fn playbook(&mut self, statements: u64) {
        self.case = true;
        let when =
            if self.rng.chance(40) { format!(" when {}", self.pure(Ty::Bool, 1)) } else { String::new() };
        self.effects = true;
        let body = self.braces(|g| {
            for _ in 0..statements {
                g.statement();
            }
            let because = g.because();
            if g.rng.chance(80) {
                g.line(&format!("close FalsePositive because {because}"));
            } else {
                g.line(&format!("hand over to role.lead because {because}"));
            }
        });
        let (header, when) = self.header(when);
        self.line(&format!("playbook p for T{header}{when} {body}"));
        if header.contains(" before rest") {
            let because = self.because();
            let controls = if header.contains(" controls") { " controls frame.A_1" } else { "" };
            self.line(&format!("playbook rest for T{controls} {{ close Duplicate because {because} }}"));
        }
        self.effects = false;
        self.case = false;
    }

    /// What the playbook says of itself besides its condition; there may be another that takes what it leaves.
    fn header(&mut self, mut when: String) -> (String, String) {
        let mut header = String::new();
        if self.rng.chance(30) {
            self.line("controls frame {\n  A_1\n  A_2\n  B_7\n}");
            header.push_str(self.rng.word(&[" controls frame.A_1", " controls frame.B_7, frame.A_2"]));
        }
        if let Some(condition) = when.strip_prefix(" when ")
            && self.rng.chance(50)
        {
            // It leaves something.
            when = format!(" when ({condition}) and case.a != 7");
            header.push_str(" before rest");
        }
        (header, when)
    }

    /// A test of it: whatever comes, it runs to some end and replays.
    pub(super) fn test(&mut self) {
        let mut lines = vec![format!(
            "given T {{ a: {}, f: {}, s: \"k{}\"{} }}",
            self.rng.below(30),
            self.rng.chance(50),
            self.rng.below(3),
            if self.rng.chance(50) { ", o: 4" } else { "" }
        )];
        let stubs: Vec<_> = self.features.iter().flat_map(|f| f.stubs).copied().collect();
        for (action, result) in STUBS.iter().copied().chain(stubs) {
            let mut line = format!("given {action} {}", self.reply(action, result));
            while self.rng.chance(15) {
                line.push_str(&format!(" then {}", self.reply(action, result)));
            }
            lines.push(line);
        }
        for (event, gives) in self.features.iter().flat_map(|f| f.events).copied().collect::<Vec<_>>() {
            while self.rng.chance(60) {
                lines.push(format!("given {event} arrives {gives} after {}ms", self.rng.below(90)));
            }
        }
        for name in std::mem::take(&mut self.guards) {
            if self.rng.chance(30) {
                lines.push(format!("given guard {name} counted {}", self.rng.below(6)));
            }
        }
        let given: Vec<_> = self.features.iter().flat_map(|f| f.given).copied().collect();
        lines.extend(given.into_iter().filter_map(|given| given(self)));
        lines.push("run p".into());
        lines.push("expect case.severity >= Informational".into());
        let body = self.braces(|g| lines.iter().for_each(|l| g.line(l)));
        self.line(&format!("test \"it ends\" {body}"));
    }
}

impl Gen {
    fn reply(&mut self, action: &str, result: &str) -> String {
        let how = match self.rng.below(10) {
            0 => "fails Timeout".to_string(),
            1 => "fails NotFound".to_string(),
            2 => "fails Unavailable \"gone\"".to_string(),
            3 if action.starts_with("w.w") => "is lost".to_string(),
            _ => format!("returns {result}"),
        };
        format!("{how} after {}ms", self.rng.below(40))
    }
}

/// The actions that every program has, and an answer of each.
const STUBS: &[(&str, &str)] = &[
    ("w.r2", "7"),
    ("w.r5", "\"rec\""),
    ("w.yes", "true"),
    ("w.w0", "\"done\""),
    ("w.w1", "12"),
    ("recs.r0", "Rec { n: 3, b: true, s: \"rec\" }"),
    ("recs.r1", "Rec { n: 40, b: false, s: \"k1\", o: 2 }"),
    ("recs.r4", "Green"),
    ("lists.r3", "[1, 2]"),
    ("lists.names", "[\"k1\", \"rec\"]"),
    ("lists.many", "[Rec { n: 1, b: true, s: \"one\" }]"),
    ("scales.weight", "2.5"),
    ("scales.bytes", "5MB"),
    ("clock.seen", "2026-11-20T12:00Z"),
    ("dns.address", "10.0.0.1"),
    ("maps.tags", "{ \"k1\": 4 }"),
    ("days.due", "2026-11-20"),
    ("days.release", "\"1.2\""),
    ("files.content", "\"aGVsbG8=\""),
    ("risks.risk", "40"),
    ("finds.proto", "\"quic\""),
    ("finds.find", "Seen(n: 3, by: \"rec\")"),
];
