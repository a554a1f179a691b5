//! Declarations.

use super::{Build, Node, listed};
use crate::ast::{
    ConfigDecl, ConstDecl, ControlsDecl, Dedup, EnumDecl, FailuresDecl, FieldDecl, FnDecl, ItemKind,
    MapBlock, Name, NewtypeDecl, Param, PlaybookDecl, ProcedureDecl, RecordDecl, SourceDecl, Span, TypeExpr,
    UsePath, VariantDecl,
};
use crate::grammar::Rule;

impl Build<'_> {
    pub(super) fn item_kind(&mut self, node: Node<'_>) -> Option<ItemKind> {
        Some(match node.as_rule() {
            Rule::use_item => ItemKind::Use(self.use_item(node)),
            Rule::case_item => ItemKind::Case(self.record(node)?),
            Rule::type_item => return self.type_item(node),
            Rule::enum_item => ItemKind::Enum(self.enum_item(node)?),
            Rule::const_item => ItemKind::Const(self.const_item(node)?),
            Rule::failures_item => ItemKind::Failures(self.failures_item(node)?),
            Rule::fn_item => ItemKind::Fn(self.fn_item(node)?),
            Rule::procedure_item => ItemKind::Procedure(Box::new(self.procedure_item(node)?)),
            Rule::source_item => ItemKind::Source(Box::new(self.source_item(node)?)),
            Rule::connector_item => ItemKind::Connector(Box::new(self.connector_item(node)?)),
            Rule::playbook_item => ItemKind::Playbook(Box::new(self.playbook_item(node)?)),
            Rule::guard_item => ItemKind::Guard(self.guard_item(node)?),
            Rule::config_item => ItemKind::Config(self.config_item(node)),
            Rule::test_item => ItemKind::Test(self.test_item(node)?),
            Rule::controls_item => ItemKind::Controls(self.controls_item(node)?),
            Rule::role_item => ItemKind::Role(self.name(&node.into_inner().next()?)),
            Rule::queue_item => ItemKind::Queue(self.name(&node.into_inner().next()?)),
            _ => return None,
        })
    }

    fn use_item(&mut self, node: Node<'_>) -> Vec<UsePath> {
        let mut stem = Vec::new();
        let mut leaves = None;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::use_group => {
                    leaves = Some(part.into_inner().map(|w| self.name(&w)).collect::<Vec<_>>())
                }
                _ => stem.push(self.name(&part)),
            }
        }
        let path = |segments: Vec<Name>| {
            let first = segments.first().map(|n| n.span).unwrap_or_default();
            let span = segments.last().map_or(first, |n| first.to(n.span));
            UsePath { segments, span }
        };
        match leaves {
            None => vec![path(stem)],
            Some(leaves) => leaves
                .into_iter()
                .map(|leaf| {
                    // The place of one entry is its leaf, so that a message points at it and not at the whole line.
                    let span = leaf.span;
                    let mut segments = stem.clone();
                    segments.push(leaf);
                    UsePath { segments, span }
                })
                .collect(),
        }
    }

    fn record(&mut self, node: Node<'_>) -> Option<RecordDecl> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        Some(RecordDecl { name, fields: self.fields(inner.next()?) })
    }

    fn type_item(&mut self, node: Node<'_>) -> Option<ItemKind> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let body = inner.next()?;
        Some(match body.as_rule() {
            Rule::fields => ItemKind::Record(RecordDecl { name, fields: self.fields(body) }),
            _ => ItemKind::Newtype(NewtypeDecl { name, of: self.type_expr(body) }),
        })
    }

    pub(super) fn fields(&mut self, node: Node<'_>) -> Vec<FieldDecl> {
        listed(node.into_inner().filter_map(|f| self.field(f)))
    }

    /// `None` for a field that was reported.
    fn field(&mut self, node: Node<'_>) -> Option<FieldDecl> {
        let (doc, span) = (self.doc(&node), self.span(&node));
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let (ty, labels) = self.labelled(inner)?;
        Some(FieldDecl { doc, name, ty, labels, span })
    }

    /// `secret String` · `Email pii`
    fn labelled<'i>(&mut self, parts: impl Iterator<Item = Node<'i>>) -> Option<(TypeExpr, Vec<Name>)> {
        let (mut ty, mut labels) = (None, Vec::new());
        for part in parts {
            match part.as_rule() {
                Rule::label => labels.push(self.name(&part)),
                _ => ty = Some(self.type_expr(part)),
            }
        }
        Some((ty?, labels))
    }

    pub(super) fn params(&mut self, node: Node<'_>) -> Vec<Param> {
        let written = node.into_inner();
        let mut params = Vec::with_capacity(written.len());
        for param in written {
            let mut inner = param.into_inner();
            let Some(name) = inner.next().map(|n| self.name(&n)) else { continue };
            let Some((ty, labels)) = self.labelled(inner) else { continue };
            params.push(Param { name, ty, labels });
        }
        params
    }

    fn config_item(&mut self, node: Node<'_>) -> ConfigDecl {
        let name = Name { text: "config".into(), span: self.keyword(&node).span };
        let mut config = ConfigDecl { record: RecordDecl { name, fields: Vec::new() }, defaults: Vec::new() };
        for setting in node.into_inner() {
            let (doc, span) = (self.doc(&setting), self.span(&setting));
            let mut inner = setting.into_inner();
            let Some(name) = inner.next().filter(|n| n.as_rule() == Rule::word) else { continue };
            let name = self.name(&name);
            let (mut written, mut default) = (Vec::new(), None);
            for part in inner {
                match part.as_rule() {
                    Rule::expr => default = Some(self.expr(part)),
                    _ => written.push(part),
                }
            }
            let Some((ty, labels)) = self.labelled(written.into_iter()) else { continue };
            config.record.fields.push(FieldDecl { doc, name, ty, labels, span });
            config.defaults.push(default);
        }
        config
    }

    fn enum_item(&mut self, node: Node<'_>) -> Option<EnumDecl> {
        let parts = node.into_inner();
        let (mut open, mut name, mut variants) = (None, None, Vec::with_capacity(parts.len()));
        for part in parts {
            match part.as_rule() {
                Rule::open_mark => open = Some(self.span(&part)),
                Rule::variant => variants.extend(self.variant(part)),
                _ => name = Some(self.name(&part)),
            }
        }
        Some(EnumDecl { name: name?, open, variants })
    }

    fn variant(&mut self, node: Node<'_>) -> Option<VariantDecl> {
        let doc = self.doc(&node);
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let holds = inner.next().map(|params| self.params(params)).unwrap_or_default();
        Some(VariantDecl { doc, name, holds })
    }

    fn const_item(&mut self, node: Node<'_>) -> Option<ConstDecl> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let mut ty = None;
        let mut next = inner.next()?;
        if next.as_rule() == Rule::annotation {
            ty = next.into_inner().next().map(|t| self.type_expr(t));
            next = inner.next()?;
        }
        Some(ConstDecl { name, ty, value: self.expr(next) })
    }

    fn failures_item(&mut self, node: Node<'_>) -> Option<FailuresDecl> {
        let mut names = node.into_inner().map(|n| self.name(&n)).collect::<Vec<_>>().into_iter();
        Some(FailuresDecl { name: names.next()?, kinds: names.collect() })
    }

    fn fn_item(&mut self, node: Node<'_>) -> Option<FnDecl> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let params = self.params(inner.next()?);
        let result = self.type_expr(inner.next()?);
        Some(FnDecl { name, params, result, body: self.block(inner.next()?) })
    }

    fn procedure_item(&mut self, node: Node<'_>) -> Option<ProcedureDecl> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let params = self.params(inner.next()?);
        let (mut case, mut result, mut body) = (None, None, None);
        for part in inner {
            match part.as_rule() {
                Rule::name => case = Some(self.name(&part)),
                Rule::type_expr => result = Some(self.type_expr(part)),
                _ => body = Some(self.block(part)),
            }
        }
        Some(ProcedureDecl { name, params, case, result, body: body? })
    }

    fn source_item(&mut self, node: Node<'_>) -> Option<SourceDecl> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let from = self.expr(inner.next()?);
        let case = self.name(&inner.next()?);
        let mut source =
            SourceDecl { name, from, case, accept: Vec::new(), dedup: Vec::new(), maps: Vec::new() };
        for part in inner {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::accept => source.accept.extend(part.into_inner().next().map(|e| self.expr(e))),
                Rule::dedup => source.dedup.extend(self.dedup(part, span)),
                Rule::map_block => {
                    let fields = listed(part.into_inner().filter_map(|e| self.map_entry(e)));
                    source.maps.push(MapBlock { span, fields });
                }
                _ => {}
            }
        }
        Some(source)
    }

    fn dedup(&mut self, node: Node<'_>, span: Span) -> Option<Dedup> {
        let mut inner = node.into_inner();
        let by = self.expr(inner.next()?);
        Some(Dedup { by, within: self.expr(inner.next()?), span })
    }

    fn map_entry(&mut self, node: Node<'_>) -> Option<(Name, crate::ast::Expr)> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        Some((name, self.expr(inner.next()?)))
    }

    fn playbook_item(&mut self, node: Node<'_>) -> Option<PlaybookDecl> {
        let (mut names, mut when, mut not_yet, mut body) = (Vec::new(), None, Vec::new(), None);
        let (mut controls, mut before) = (Vec::new(), Vec::new());
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::name => names.push(self.name(&part)),
                Rule::when => when = part.into_inner().next().map(|e| self.expr(e)),
                Rule::controls => controls.extend(part.into_inner().filter_map(|c| self.act(c))),
                Rule::before => before.extend(part.into_inner().map(|n| self.name(&n))),
                Rule::header_not_yet => not_yet.push(self.keyword(&part)),
                _ => body = Some(self.block(part)),
            }
        }
        let mut names = names.into_iter();
        let (name, case) = (names.next()?, names.next()?);
        Some(PlaybookDecl { name, case, when, controls, before, not_yet, body: body? })
    }

    fn controls_item(&mut self, node: Node<'_>) -> Option<ControlsDecl> {
        let mut inner = node.into_inner();
        let name = self.name(&inner.next()?);
        let controls = inner.filter_map(|c| c.into_inner().next()).map(|n| self.name(&n)).collect();
        Some(ControlsDecl { name, controls })
    }
}
