//! What must hold of an artifact before it is run. An artifact comes from a file: nothing in it is taken on trust, so that a
//! damaged one is refused here and can do no harm later.

mod block;
mod guards;
mod tasks;

use crate::action::{Auth, TokenAt};
use crate::code::{ActionCode, Block, Code, Entry, EventCode, Input, JsonNode, PathPart, TestCode};
use crate::config;
use crate::container::Artifact;
use crate::shape;
use crate::types::{RecordId, Type, TypeTable};

use crate::artifact::Manifest;

/// How deep tasks may be nested, the bodies of `for` included.
pub const DEEPEST_TASK: usize = 600;

/// Checks a whole artifact.
pub(crate) fn artifact(artifact: &Artifact) -> Result<(), String> {
    let Artifact { manifest, code } = artifact;
    sources_and_places(manifest)?;
    types(&manifest.types)?;
    declarations(manifest)?;
    let check = Check { manifest, code };
    check.code()
}

/// Checks the conditions of tests against the program that they belong to.
///
/// # Errors
/// Which rule is broken, and where.
pub fn tests(artifact: &Artifact, tests: &TestCode) -> Result<(), String> {
    let check = Check { manifest: &artifact.manifest, code: &artifact.code };
    let widest = artifact.manifest.types.records.iter().map(|r| r.fields.len()).max().unwrap_or(0);
    for (n, conditions) in tests.conditions.iter().enumerate() {
        for condition in conditions {
            check.over_case(condition, widest).map_err(|e| format!("test {n}: {e}"))?;
        }
    }
    Ok(())
}

fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn sources_and_places(manifest: &Manifest) -> Result<(), String> {
    for (n, node) in manifest.nodes.iter().enumerate() {
        let file = manifest.files.get(node.file as usize).ok_or_else(|| format!("node {n} is in no file"))?;
        let inside = file.text.get(node.start as usize..node.end as usize).is_some();
        must(inside, || format!("node {n} is not a piece of {}", file.path))?;
    }
    Ok(())
}

fn types(types: &TypeTable) -> Result<(), String> {
    let builtin = TypeTable::with_builtins().enums;
    must(types.enums.starts_with(&builtin), || "the built-in enums are not the first".into())?;
    for record in &types.records {
        for field in &record.fields {
            known_type(types, &field.ty)
                .map_err(|e| format!("field {} of {}: {e}", field.name, record.name))?;
        }
        if record.is_case {
            for (slot, name) in shape::CASE_FIELDS.iter().enumerate() {
                let right = record
                    .fields
                    .get(slot)
                    .is_some_and(|f| f.name == *name && Some(&f.ty) == shape::case_field_type(slot).as_ref());
                must(right, || format!("case {} lacks the field {name}", record.name))?;
            }
        }
        must(record.fields.len() <= config::FIRST, || format!("{} has too many fields", record.name))?;
    }
    for of in &types.enums {
        let whole = of.holds.is_empty() || of.holds.len() == of.variants.len();
        let known = of.holds.iter().all(|id| types.record(*id).is_some());
        must(whole && known, || format!("{}: what its members hold is not there", of.name))?;
    }
    for newtype in &types.newtypes {
        // So no type contains itself by way of one.
        must(is_simple(&newtype.of), || format!("{} is made of something that has parts", newtype.name))?;
    }
    no_circles(types)
}

fn is_simple(ty: &Type) -> bool {
    !matches!(
        ty,
        Type::List(_)
            | Type::Option(_)
            | Type::Map(..)
            | Type::Record(_)
            | Type::Enum(_)
            | Type::Union(_)
            | Type::Newtype(_)
            | Type::Json
            | Type::Unit
            | Type::Never
    )
}

/// No record contains itself: what goes through a type ends.
fn no_circles(types: &TypeTable) -> Result<(), String> {
    let mut within: Vec<Vec<usize>> = Vec::new();
    for record in &types.records {
        let mut all = Vec::new();
        record.fields.iter().for_each(|f| records_in(types, &f.ty, &mut all));
        within.push(all);
    }
    // A record is done when all that it holds are; what is in a circle never is.
    let mut open: Vec<usize> = within.iter().map(Vec::len).collect();
    let mut round: Vec<Vec<usize>> = vec![Vec::new(); within.len()];
    for (outer, all) in within.iter().enumerate() {
        for inner in all {
            if let Some(outers) = round.get_mut(*inner) {
                outers.push(outer);
            }
        }
    }
    let is_done = |(at, open): (usize, &usize)| (*open == 0).then_some(at);
    let mut done: Vec<usize> = open.iter().enumerate().filter_map(is_done).collect();
    while let Some(at) = done.pop() {
        for outer in round.get(at).into_iter().flatten() {
            if let Some(open) = open.get_mut(*outer) {
                *open = open.saturating_sub(1);
                if *open == 0 {
                    done.push(*outer);
                }
            }
        }
    }
    match types.records.iter().zip(&open).find(|(_, open)| **open > 0) {
        Some((record, _)) => Err(format!("{} contains itself, or something that does", record.name)),
        None => Ok(()),
    }
}

/// The records that a type mentions. It is not nested deeply: it was read.
fn records_in(types: &TypeTable, ty: &Type, all: &mut Vec<usize>) {
    match ty {
        Type::Record(id) => all.push(id.0 as usize),
        Type::Union(id) => {
            let holds = types.enumeration(*id).map(|e| e.holds.as_slice()).unwrap_or_default();
            all.extend(holds.iter().map(|id| id.0 as usize));
        }
        Type::List(of) | Type::Option(of) => records_in(types, of, all),
        Type::Map(key, of) => {
            records_in(types, key, all);
            records_in(types, of, all);
        }
        _ => {}
    }
}

fn known_type(types: &TypeTable, ty: &Type) -> Result<(), String> {
    match ty {
        Type::List(of) | Type::Option(of) => known_type(types, of),
        Type::Map(key, value) => known_type(types, key).and_then(|()| known_type(types, value)),
        Type::Record(id) => must(types.record(*id).is_some(), || format!("no record {}", id.0)),
        Type::Enum(id) | Type::Union(id) => {
            must(types.enumeration(*id).is_some(), || format!("no enum {}", id.0))
        }
        Type::Newtype(id) => must(types.newtype(*id).is_some(), || format!("no newtype {}", id.0)),
        _ => Ok(()),
    }
}

fn declarations(manifest: &Manifest) -> Result<(), String> {
    let types = &manifest.types;
    for connector in &manifest.connectors {
        let known = |name: &String| connector.config.iter().any(|c| c.name == *name);
        let auth = match &connector.auth {
            Auth::None => true,
            Auth::Bearer(setting) | Auth::Header(_, setting) => known(setting),
            Auth::Basic(user, password) => known(user) && known(password),
            Auth::ClientCredentials { at, id, secret, .. } => {
                let at = match at {
                    TokenAt::Path(path) => path.starts_with('/'),
                    TokenAt::Setting(setting) => known(setting),
                };
                at && known(id) && known(secret)
            }
        };
        must(auth, || format!("connector {}: its authentication names no setting of it", connector.name))?;
        let limited = connector.limit.is_none_or(|(most, per)| most > 0 && per.is_positive());
        must(limited, || format!("connector {}: its limit is none", connector.name))?;
        for field in &connector.config {
            known_type(types, &field.ty)?;
        }
    }
    for action in &manifest.actions {
        let name = action.full_name();
        let connector = manifest.connectors.iter().any(|c| c.name == action.connector);
        must(connector, || format!("action {name} is of no connector"))?;
        for (_, ty) in &action.params {
            known_type(types, ty).map_err(|e| format!("action {name}: {e}"))?;
        }
        known_type(types, &action.result).map_err(|e| format!("action {name}: {e}"))?;
    }
    for source in &manifest.sources {
        case_width(manifest, source.case).map_err(|e| format!("source {}: {e}", source.name))?;
        known_node(manifest, source.at)?;
    }
    let config = manifest.config_len();
    must(manifest.config.is_none_or(|id| types.record(id).is_some()), || {
        "its configuration has no layout".into()
    })?;
    for playbook in &manifest.playbooks {
        case_width(manifest, playbook.case).map_err(|e| format!("playbook {}: {e}", playbook.name))?;
        known_node(manifest, playbook.at)?;
        let known = playbook.config.iter().all(|field| usize::from(*field) < config);
        must(known, || format!("playbook {}: it reads a value that is not configured", playbook.name))?;
    }
    Ok(())
}

fn case_width(manifest: &Manifest, case: RecordId) -> Result<usize, String> {
    manifest
        .types
        .record(case)
        .filter(|r| r.is_case)
        .map(|r| r.fields.len())
        .ok_or_else(|| "what it works on is no case".to_string())
}

fn known_node(manifest: &Manifest, at: u32) -> Result<(), String> {
    must((at as usize) < manifest.nodes.len(), || format!("there is no node {at}"))
}

struct Check<'a> {
    manifest: &'a Manifest,
    code: &'a Code,
}

/// What a block may refer to.
#[derive(Clone, Copy)]
struct Bounds {
    /// How many parameters it has.
    params: usize,
    /// Functions below this index.
    fns: usize,
    /// Constants below this index.
    globals: usize,
    /// Whether it may end with a misfit.
    may_fail: bool,
}

impl Check<'_> {
    fn code(&self) -> Result<(), String> {
        let Code { fns, globals, actions, sources, playbooks, guards, events } = self.code;
        for (n, function) in fns.iter().enumerate() {
            // Only functions before it: there are no cycles.
            let bounds = Bounds { params: usize::from(function.block.params), fns: n, ..self.bounds(0) };
            self.block(&function.block, bounds).map_err(|e| format!("fn {}: {e}", function.name))?;
        }
        for (n, global) in globals.iter().enumerate() {
            let bounds = Bounds { globals: n, ..self.bounds(0) };
            self.block(&global.block, bounds).map_err(|e| format!("const {}: {e}", global.name))?;
        }
        // A function may use any constant, and a constant any function: only one of the two orders can be taken for granted.
        self.no_cycles()?;

        must(actions.len() == self.manifest.actions.len(), || {
            "actions without code, or code without action".into()
        })?;
        for (action, code) in self.manifest.actions.iter().zip(actions) {
            must(code.respond.len() == action.statuses.len(), || {
                format!("action {}: statuses without code", action.full_name())
            })?;
            self.action(code, action.params.len())
                .map_err(|e| format!("action {}: {e}", action.full_name()))?;
        }
        must(sources.len() == self.manifest.sources.len(), || {
            "sources without code, or code without source".into()
        })?;
        for (source, code) in self.manifest.sources.iter().zip(sources) {
            self.source(source, code).map_err(|e| format!("source {}: {e}", source.name))?;
        }
        must(playbooks.len() == self.manifest.playbooks.len(), || {
            "playbooks without code, or the reverse".into()
        })?;
        for (playbook, code) in self.manifest.playbooks.iter().zip(playbooks) {
            let width = case_width(self.manifest, playbook.case)?;
            let named = |e: String| format!("playbook {}: {e}", playbook.name);
            if let Some(when) = &code.when {
                self.over_case(when, width).map_err(named)?;
            }
            must(code.when.is_some() == playbook.has_when, || {
                named("it has no condition, or an unknown one".into())
            })?;
            self.playbook(code, width).map_err(named)?;
        }
        self.events(events)?;
        self.guards(guards)
    }

    fn events(&self, events: &[EventCode]) -> Result<(), String> {
        must(events.len() == self.manifest.events.len(), || "events without code, or the reverse".into())?;
        for (event, code) in self.manifest.events.iter().zip(events) {
            let named = |e: String| format!("event {}: {e}", event.full_name());
            known_node(self.manifest, event.at).map_err(named)?;
            must(event.params.len() == code.keys.len(), || named("a parameter is found nowhere".into()))?;
            let types = event.params.iter().map(|(_, ty)| ty).chain([&event.result]);
            types.into_iter().try_for_each(|ty| known_type(&self.manifest.types, ty)).map_err(named)?;
            let bounds = Bounds { may_fail: true, ..self.bounds(1) };
            for block in code.keys.iter().chain([&code.accept]).chain(&code.gives) {
                self.block(block, bounds).map_err(named)?;
            }
        }
        Ok(())
    }

    fn bounds(&self, params: usize) -> Bounds {
        Bounds { params, fns: self.code.fns.len(), globals: self.code.globals.len(), may_fail: false }
    }

    fn no_cycles(&self) -> Result<(), String> {
        use crate::code::Instr;
        // The last constant that each function leads to, by itself or by what it calls.
        let mut leads: Vec<Option<u32>> = Vec::with_capacity(self.code.fns.len());
        for function in &self.code.fns {
            let last = function.block.code.iter().filter_map(|i| match i {
                Instr::Global { index, .. } => Some(*index),
                Instr::Call { function, .. } => leads.get(*function as usize).copied().flatten(),
                _ => None,
            });
            leads.push(last.max());
        }
        for (n, global) in self.code.globals.iter().enumerate() {
            for instr in &global.block.code {
                let Instr::Call { function, .. } = instr else { continue };
                let used = leads.get(*function as usize).copied().flatten();
                let before = used.is_none_or(|used| (used as usize) < n);
                must(before, || format!("const {} rests on a constant that is not there yet", global.name))?;
            }
        }
        Ok(())
    }

    fn action(&self, code: &ActionCode, params: usize) -> Result<(), String> {
        let pure = |c: &crate::code::Computed| {
            known_type(&self.manifest.types, &c.ty)?;
            self.block(&c.block, self.bounds(params))
        };
        for part in &code.path {
            if let PathPart::Value(value) = part {
                pure(value)?;
            }
        }
        for (_, value) in code.query.iter().chain(&code.headers) {
            pure(value)?;
        }
        let mut seen = vec![false; code.json.len()];
        for (n, node) in code.json.iter().enumerate() {
            let children: Vec<u32> = match node {
                JsonNode::Object(members) => members.iter().map(|(_, child)| *child).collect(),
                JsonNode::List(children) => children.clone(),
                JsonNode::Value(value) => {
                    pure(value)?;
                    Vec::new()
                }
            };
            claim(&mut seen, n, &children)?;
        }
        nesting(code.json.len(), |n| match code.json.get(n) {
            Some(JsonNode::Object(members)) => members.iter().map(|(_, c)| *c).collect(),
            Some(JsonNode::List(children)) => children.clone(),
            _ => Vec::new(),
        })?;
        for (related, more) in [(&code.undo, 2), (&code.snapshot, 0), (&code.verify, 0), (&code.verified, 1)]
        {
            let Some(related) = related else { continue };
            let known = self.manifest.action(related.action).is_some();
            must(known, || format!("no action {}", related.action.0))?;
            for block in [Some(&related.args), related.when.as_ref()].into_iter().flatten() {
                self.block(block, self.bounds(params.saturating_add(more)))?;
            }
        }
        for block in code.respond.iter().flatten() {
            let bounds = Bounds { may_fail: true, ..self.bounds(params.saturating_add(2)) };
            self.block(block, bounds)?;
        }
        Ok(())
    }

    fn source(&self, source: &crate::artifact::Source, code: &crate::code::SourceCode) -> Result<(), String> {
        let width = case_width(self.manifest, source.case)?;
        let params = self.manifest.config_len().saturating_add(1);
        let bounds = Bounds { may_fail: true, ..self.bounds(params) };
        for block in &code.accept {
            self.block(block, bounds)?;
        }
        must(code.dedup.is_some() == source.dedup.is_some(), || {
            "a key without a window, or the reverse".into()
        })?;
        if let Some(key) = &code.dedup {
            known_type(&self.manifest.types, &key.ty)?;
            self.block(&key.block, bounds)?;
        }
        for (slot, block) in &code.map {
            must(usize::from(*slot) < width, || format!("the case has no field {slot}"))?;
            self.block(block, bounds)?;
        }
        Ok(())
    }

    /// A condition over a case of so many fields.
    fn over_case(&self, entry: &Entry, width: usize) -> Result<(), String> {
        for input in &entry.inputs {
            let Input::Case(slot) = input else { return Err("a condition reads a slot".into()) };
            self.field(*slot, width)?;
        }
        self.block(&entry.block, self.bounds(entry.inputs.len()))
    }

    /// A field of a case of so many fields, or a value of the configuration.
    fn field(&self, slot: u16, width: usize) -> Result<(), String> {
        let slot = usize::from(slot);
        match config::field(slot) {
            Some(field) => {
                must(field < self.manifest.config_len(), || format!("there is no configured value {field}"))
            }
            None => must(slot < width, || format!("the case has no field {slot}")),
        }
    }

    fn block(&self, block: &Block, bounds: Bounds) -> Result<(), String> {
        block::check(self.manifest, self.code, block, bounds)
    }
}

/// Marks the children of a node of a flat tree: each stands after its parent and has no other.
fn claim(seen: &mut [bool], parent: usize, children: &[u32]) -> Result<(), String> {
    for child in children {
        let child = *child as usize;
        must(child > parent, || format!("{child} stands before its parent {parent}"))?;
        let claimed = seen.get_mut(child).ok_or_else(|| format!("there is no child {child}"))?;
        must(!*claimed, || format!("{child} has two parents"))?;
        *claimed = true;
    }
    Ok(())
}

/// The depth of a flat tree; an error beyond [`DEEPEST_TASK`].
fn nesting(len: usize, children: impl Fn(usize) -> Vec<u32>) -> Result<Vec<usize>, String> {
    let mut depth = vec![0_usize; len];
    for n in 0..len {
        let below = depth.get(n).copied().unwrap_or(0).saturating_add(1);
        must(below <= DEEPEST_TASK, || format!("nested more than {DEEPEST_TASK} deep"))?;
        for child in children(n) {
            if let Some(d) = depth.get_mut(child as usize) {
                *d = below;
            }
        }
    }
    Ok(depth)
}
