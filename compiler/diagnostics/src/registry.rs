//! The registry of codes. A code is never reused; its page is `codes/CODE.md` in this crate.
//!
//! Ranges: 1 syntax, 2 names, 3 types, 4 options and failures, 5 effects, approval and undo, 6 labels, 7 bounds,
//! 8 tests and traces, 9 lints; 0 is for what this compiler does not have yet.

use std::fmt;

/// A stable code such as `P3012`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(&'static str);

impl Code {
    /// As text: `P3012`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What the registry knows of a code.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// In half a line.
    pub title: &'static str,
    /// Its page, Markdown: why, an example that raises it (```` ```play raises ````), one that does not (```` ```play fine ````).
    pub page: &'static str,
}

macro_rules! codes {
    ($($code:ident $title:literal)*) => {
        /// The codes, by name.
        pub mod codes {
            use super::Code;
            $(#[doc = $title] pub const $code: Code = Code(stringify!($code));)*
        }
        /// All codes, in order.
        pub const ALL: &[Entry] = &[
            $(Entry { code: codes::$code, title: $title, page: include_str!(concat!("../codes/", stringify!($code), ".md")) },)*
        ];
    };
}

codes! {
    P0001 "not supported yet"
    P1001 "unexpected part"
    P1002 "string that does not end"
    P1003 "character that means nothing"
    P1004 "unknown escape"
    P1005 "value that cannot be written"
    P1006 "bracket that is never closed"
    P1007 "bracket that closes nothing"
    P1008 "word of the language as a name"
    P1009 "operator of another language"
    P1010 "`=` where nothing is named"
    P1011 "semicolon"
    P1012 "single quotes"
    P1013 "comparisons that chain"
    P1014 "two statements on a line"
    P1015 "nested too deep"
    P1016 "no declaration"
    P1017 "`else` of an `if` without a block"
    P1018 "written twice"
    P1019 "brace in a string"
    P1020 "record in a condition"
    P1021 "regular expression that does not end"
    P2001 "unknown name"
    P2002 "declared twice"
    P2003 "unknown type"
    P2004 "unknown field"
    P2005 "unknown member of an enum"
    P2006 "unknown module"
    P2007 "there twice"
    P2008 "every case has this field"
    P2009 "a member of several enums"
    P2010 "unknown action"
    P2011 "not this kind of name"
    P2012 "no such property or function"
    P2013 "not known at this place"
    P2014 "a procedure for another case"
    P2015 "too many calls of procedures"
    P2016 "a control that no framework has"
    P2017 "a role or queue that is not declared"
    P2020 "play.toml cannot be read"
    P2021 "unknown key of play.toml"
    P2022 "one name from two packages"
    P2023 "a package that is not there"
    P2024 "packages that use each other"
    P2025 "settings of a playbook that is not there"
    P2030 "a value that no configuration declares"
    P2031 "a configured value of another type"
    P2032 "a configured value that is not given"
    P2033 "a configuration in another place"
    P3001 "another type is wanted"
    P3002 "the operator does not take these types"
    P3003 "not a condition"
    P3004 "written without quotes"
    P3005 "not valid text of this type"
    P3006 "a network with bits of a host"
    P3007 "not a pattern"
    P3008 "branches of different types"
    P3009 "a record contains itself"
    P3010 "recursion"
    P3011 "wrong arguments"
    P3012 "fields are missing"
    P3013 "a `match` does not cover everything"
    P3014 "a type cannot stand here"
    P3015 "cannot be shown in text"
    P3016 "the type cannot be told"
    P3017 "no such conversion"
    P3018 "cannot stand by itself"
    P3019 "a fixed length of time is wanted"
    P3020 "type that no key of a map has"
    P3021 "key of a map that is no key"
    P3022 "range that is none"
    P3023 "number outside of its range"
    P3024 "arms of a `match` that overlap"
    P3025 "what a member of an enum holds"
    P3026 "open enum whose members hold values"
    P3027 "not a path into a document"
    P3028 "constant without a value"
    P3050 "the lambda makes something else"
    P3051 "not a wildcard pattern"
    P4001 "a failure is not handled"
    P4002 "an absent value is not handled"
    P4003 "nothing to handle"
    P4004 "`?` cannot stand here"
    P5001 "a write without `do`"
    P5002 "`do` without a write"
    P5003 "an effect cannot stand here"
    P5004 "no reason is given"
    P5005 "a playbook does not end on every path"
    P5006 "a field that is not written"
    P5007 "this takes nothing back"
    P5008 "a write has a class"
    P5009 "two playbooks take the same cases"
    P5010 "a connector is not complete"
    P5011 "a request cannot be made like that"
    P5012 "a write that is never sent twice"
    P5013 "a limit of `retry`, `backoff` or `timeout`"
    P5014 "this belongs to a call"
    P5015 "a question that cannot be asked so"
    P5016 "a question without an end"
    P5017 "nobody is asked that"
    P5018 "an approval that cannot be asked for so"
    P5019 "this cannot be waited for"
    P5030 "a write without a guard"
    P5031 "a guard lets nothing through"
    P5032 "this cannot be guarded so"
    P5033 "a write that its guard refuses"
    P5034 "an approval after the act"
    P5035 "an approval that nothing uses"
    P5036 "not known of the act"
    P5037 "not a limit"
    P5050 "containment without an end"
    P5051 "a step without an `else`"
    P5052 "a step that cannot fail"
    P5053 "this cannot be kept for the `undo`"
    P5054 "nothing takes this write back"
    P5055 "this does not find out whether a write was done"
    P5056 "this cannot be done for a time"
    P5060 "an irreversible act without an approval"
    P5061 "an order of playbooks that is none"
    P5062 "a step whose failure is forgotten"
    P5070 "a number of persons that is none"
    P5071 "more persons than a role has"
    P5072 "a role that is asked already"
    P5073 "fewer persons than two roles take"
    P6001 "a secret that is not declared one"
    P6002 "settings belong to `auth`"
    P6003 "a secret outside of a configuration"
    P6004 "personal data would be shown"
    P6005 "text from outside would become code"
    P6006 "a record is revealed field by field"
    P6007 "not a label of this place"
    P6008 "a secret that is written down"
    P7001 "a wait without an end"
    P7002 "how often a wait asks"
    P7003 "a wait that is too long"
    P8001 "a test is not complete"
    P8002 "the playbook takes another case"
    P8003 "not what a test can say of this action"
    P8004 "two tests have one title"
    P8005 "a test without a value of the configuration"
    P9001 "nobody uses this name"
    P9002 "fetched and not used"
    P9003 "never reached"
    P9004 "this does nothing"
    P9005 "an arm that is never taken"
    // P9006 was a warning of what P5009 is now, and is not used again.
    P9007 "a condition that is always true"
    P9008 "a condition that is never true"
    P9009 "brought in for nothing"
    P9010 "a comment that allows nothing"
    P9011 "a comment that allows, and does not say what or why"
    P9012 "branches that do the same"
    P9013 "twice in a list"
    P9014 "letters in a case that cannot be there"
    P9015 "text whose case means nothing, compared with its case"
    P9016 "a host that is compared as text"
    P9017 "a dot that stands for any character"
    P9018 "a playbook without a control"
    P9019 "a text that is still to be written"
    P9020 "a secret in a playbook"
    P9021 "a network that every address is in"
    P9022 "a comparison that is taken back"
    P9023 "a name that is not written as such names are"
    P9024 "an act whose failure nobody hears of"
    P9025 "decisions in decisions"
    P9026 "as many questions as an alert has values"
    P9027 "a playbook that no test runs"
    P9028 "an act that no test expects"
    P9029 "a declaration that nothing uses"
    P9030 "a playbook that does not say what its team wants"
    P9031 "what is deprecated"
    P9032 "a record that is dropped for a field that may be none"
    P9033 "a `$` before what is put into a text"
    P9034 "a wildcard where texts are compared letter by letter"
    P9035 "a role that has persons, and that nobody asks"
    P9036 "an `else` that takes in what follows"
}

/// The entry of a code, by its text (`P3012`, in either case).
#[must_use]
pub fn explain(code: &str) -> Option<&'static Entry> {
    ALL.iter().find(|e| e.code.as_str().eq_ignore_ascii_case(code))
}
