//! From an artifact to what runs: constants as values, patterns compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use play_program::artifact::Artifact;
use play_program::code::{self, Block, Constant, Entry, Input, Instr, TaskKind, TestCode};
use play_program::exec::Fault;
use play_program::json::ReadLog;
use play_program::ops;
use play_program::types::Type;
use play_program::value::Value;
use regex::Regex;

use crate::interpreter::{self, Stop, with_scratch};

/// A block that is ready to run.
pub(crate) struct Ready {
    pub(crate) at: u32,
    pub(crate) regs: u16,
    pub(crate) lists: u16,
    pub(crate) loops: u16,
    pub(crate) consts: Vec<Value>,
    /// By index of the constant.
    pub(crate) patterns: Vec<Option<Regex>>,
    pub(crate) types: Vec<Type>,
    pub(crate) code: Vec<Instr>,
    nodes: Vec<(u32, u32)>,
}

impl Ready {
    /// The node of an instruction that faulted.
    pub(crate) fn node(&self, pc: usize) -> u32 {
        let at = u32::try_from(pc).unwrap_or(u32::MAX);
        let found = self.nodes.binary_search_by_key(&at, |(i, _)| *i).ok();
        found.and_then(|i| self.nodes.get(i)).map_or(self.at, |(_, node)| *node)
    }
}

/// The expressions of an action.
pub(crate) struct ReadyAction {
    /// One a part; `None` for text.
    pub(crate) path: Vec<Option<Ready>>,
    pub(crate) query: Vec<Ready>,
    pub(crate) headers: Vec<Ready>,
    /// One a node; `None` for objects and lists.
    pub(crate) json: Vec<Option<Ready>>,
    pub(crate) respond: Vec<Option<Ready>>,
    pub(crate) undo: Option<ReadyRelated>,
    pub(crate) snapshot: Option<ReadyRelated>,
    pub(crate) verify: Option<ReadyRelated>,
    pub(crate) verified: Option<ReadyRelated>,
}

/// An action that belongs to another.
pub(crate) struct ReadyRelated {
    pub(crate) args: Ready,
    pub(crate) when: Option<Ready>,
}

/// The expressions of a source.
pub(crate) struct ReadySource {
    pub(crate) accept: Vec<Ready>,
    pub(crate) dedup: Option<Ready>,
    pub(crate) map: Vec<Ready>,
}

/// The expressions of an event.
pub(crate) struct ReadyEvent {
    pub(crate) accept: Ready,
    pub(crate) keys: Vec<Ready>,
    pub(crate) gives: Option<Ready>,
}

/// The pure code of a playbook.
pub(crate) struct ReadyPlaybook {
    pub(crate) when: Option<Ready>,
    /// By region and task; `None` for tasks that compute nothing.
    pub(crate) evals: Vec<Vec<Option<Ready>>>,
    /// Conditions of waits.
    pub(crate) untils: Vec<Ready>,
}

/// A program that is ready to run.
pub(crate) struct Loaded {
    pub(crate) artifact: Arc<Artifact>,
    pub(crate) fns: Vec<Ready>,
    pub(crate) globals: Vec<Result<Value, Fault>>,
    pub(crate) actions: Vec<ReadyAction>,
    pub(crate) sources: Vec<ReadySource>,
    pub(crate) playbooks: Vec<ReadyPlaybook>,
    /// By guard and clause; `None` for clauses without a condition.
    pub(crate) guards: Vec<Vec<Option<Ready>>>,
    pub(crate) events: Vec<ReadyEvent>,
    /// All patterns, for those that come as a value.
    pub(crate) patterns: BTreeMap<String, Regex>,
    /// Where runs came, when somebody wants to know.
    pub(crate) marks: Option<Mutex<BTreeSet<Mark>>>,
}

/// A node, and which arm of it.
pub(crate) type Mark = (u32, u16);

type Conditions = Vec<Vec<(Ready, Vec<Input>)>>;

impl Loaded {
    pub(crate) fn new(artifact: Arc<Artifact>, tests: TestCode) -> (Self, Conditions) {
        let mut loader = Loader { patterns: BTreeMap::new() };
        let code = &artifact.code;
        let fns = code.fns.iter().map(|f| loader.block(&f.block)).collect();
        let globals: Vec<Ready> = code.globals.iter().map(|g| loader.block(&g.block)).collect();
        let actions = code.actions.iter().map(|a| loader.action(a)).collect();
        let sources = code.sources.iter().map(|s| loader.source(s)).collect();
        let playbooks = code.playbooks.iter().map(|p| loader.playbook(p)).collect();
        let guards = code.guards.iter().map(|g| loader.guard(g)).collect();
        let events = code.events.iter().map(|e| loader.event(e)).collect();
        let tests = tests
            .conditions
            .iter()
            .map(|t| t.iter().map(|Entry { block, inputs }| (loader.block(block), inputs.clone())).collect())
            .collect();
        let mut loaded = Self {
            artifact,
            fns,
            globals: Vec::with_capacity(globals.len()),
            actions,
            sources,
            playbooks,
            guards,
            events,
            patterns: loader.patterns,
            marks: None,
        };
        for global in &globals {
            // Each uses only those before it.
            let value = with_scratch(|scratch| {
                loaded.run(global, std::iter::empty(), &mut ReadLog::default(), scratch)
            });
            loaded.globals.push(value.map_err(|stop| match stop {
                Stop::Fault(fault) => fault,
                Stop::Misfit(_) => interpreter::damaged(global.at),
            }));
        }
        (loaded, tests)
    }

    /// Notes that a run came here.
    pub(crate) fn mark(&self, at: u32, arm: u16) {
        if let Some(mut marks) = self.marks.as_ref().and_then(|m| m.lock().ok()) {
            marks.insert((at, arm));
        }
    }
}

struct Loader {
    patterns: BTreeMap<String, Regex>,
}

impl Loader {
    fn pattern(&mut self, text: &str) -> Option<Regex> {
        if let Some(known) = self.patterns.get(text) {
            return Some(known.clone());
        }
        let compiled = ops::pattern(text).ok()?;
        self.patterns.insert(text.to_string(), compiled.clone());
        Some(compiled)
    }

    fn block(&mut self, block: &Block) -> Ready {
        let patterns = block.consts.iter().map(|c| match c {
            Constant::Regex(text) => self.pattern(text),
            _ => None,
        });
        Ready {
            at: block.at,
            regs: block.regs,
            lists: block.lists,
            loops: block.loops,
            patterns: patterns.collect(),
            consts: block.consts.iter().map(Constant::value).collect(),
            types: block.types.clone(),
            code: block.code.clone(),
            nodes: block.nodes.clone(),
        }
    }

    fn action(&mut self, code: &code::ActionCode) -> ReadyAction {
        let path = code.path.iter().map(|part| match part {
            code::PathPart::Text(_) => None,
            code::PathPart::Value(value) => Some(self.block(&value.block)),
        });
        let path = path.collect();
        let json = code.json.iter().map(|node| match node {
            code::JsonNode::Value(value) => Some(self.block(&value.block)),
            code::JsonNode::Object(_) | code::JsonNode::List(_) => None,
        });
        ReadyAction {
            path,
            json: json.collect(),
            query: code.query.iter().map(|(_, v)| self.block(&v.block)).collect(),
            headers: code.headers.iter().map(|(_, v)| self.block(&v.block)).collect(),
            respond: code.respond.iter().map(|b| b.as_ref().map(|b| self.block(b))).collect(),
            undo: code.undo.as_ref().map(|r| self.related(r)),
            snapshot: code.snapshot.as_ref().map(|r| self.related(r)),
            verify: code.verify.as_ref().map(|r| self.related(r)),
            verified: code.verified.as_ref().map(|r| self.related(r)),
        }
    }

    fn related(&mut self, code: &code::Related) -> ReadyRelated {
        ReadyRelated { args: self.block(&code.args), when: code.when.as_ref().map(|w| self.block(w)) }
    }

    fn source(&mut self, code: &code::SourceCode) -> ReadySource {
        ReadySource {
            accept: code.accept.iter().map(|b| self.block(b)).collect(),
            dedup: code.dedup.as_ref().map(|key| self.block(&key.block)),
            map: code.map.iter().map(|(_, b)| self.block(b)).collect(),
        }
    }

    fn event(&mut self, code: &code::EventCode) -> ReadyEvent {
        ReadyEvent {
            accept: self.block(&code.accept),
            keys: code.keys.iter().map(|key| self.block(key)).collect(),
            gives: code.gives.as_ref().map(|gives| self.block(gives)),
        }
    }

    fn guard(&mut self, code: &code::GuardCode) -> Vec<Option<Ready>> {
        code.clauses.iter().map(|c| c.as_ref().map(|c| self.block(&c.entry.block))).collect()
    }

    fn playbook(&mut self, code: &code::Playbook) -> ReadyPlaybook {
        let mut evals = Vec::new();
        for region in &code.regions {
            let tasks = region.tasks.iter().map(|task| match &task.kind {
                TaskKind::Eval { entry, .. } => Some(self.block(&entry.block)),
                _ => None,
            });
            evals.push(tasks.collect());
        }
        let untils = code.untils.iter().map(|u| self.block(&u.entry.block)).collect();
        ReadyPlaybook { when: code.when.as_ref().map(|w| self.block(&w.block)), evals, untils }
    }
}
