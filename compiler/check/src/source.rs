//! Sources: how an alert becomes a case.

use play_diagnostics::registry::codes;
use play_diagnostics::{Diagnostic, Edit, Place};
use play_program::shape::CASE_FIELDS;
use play_program::types::{RecordId, Type};
use play_syntax::ast::{Expr, ExprKind, ItemKind, Name, SourceDecl, Span};

use crate::body::{BodyCx, Kind, Role, Why, is_fixed};
use crate::context::{Context, is_wrong, place};
use crate::dropped::Dropped;
use crate::typed::{Body, Source};

/// A field that the engine gives: nobody writes it.
pub(crate) fn fixed_field(field: &Name, word: &str) -> Diagnostic {
    Diagnostic::error(codes::P5006, place(field.span), format!("`{word}` cannot write `{}`", field.text))
        .here("given by the engine")
        .note("`id`, `source` and `opened` say what the case is and where it came from, and never change.")
        .help("Leave it out, or write a field of your own.")
}

impl Context<'_> {
    /// Checks all sources.
    pub(crate) fn sources(&mut self, worth: bool) -> Vec<Source> {
        let files = self.files;
        let mut all = Vec::new();
        for file in files {
            for item in &file.tree.items {
                if let ItemKind::Source(decl) = &item.kind {
                    // Of a `map` that could not be read as a whole, nobody knows what it lacks.
                    let mut maps: Vec<Span> = decl.maps.iter().map(|m| m.span).collect();
                    if maps.is_empty() {
                        maps.push(item.span);
                    }
                    let wrong =
                        |span: &Span| file.wrong.iter().any(|at| (span.start..=span.end).contains(at));
                    all.push((decl, !maps.iter().any(wrong)));
                }
            }
        }
        let made = self.bodies(worth, &all, |context, (decl, whole)| {
            let mut dropped = Vec::new();
            (context.source(decl, *whole, &mut dropped), dropped)
        });
        let (sources, dropped): (Vec<_>, Vec<_>) = made.into_iter().unzip();
        let sources: Vec<Source> = sources.into_iter().flatten().collect();
        self.needed_by_all(&sources, dropped.into_iter().flatten().collect());
        sources
    }

    fn source(&mut self, decl: &SourceDecl, whole: bool, dropped: &mut Vec<Dropped>) -> Option<Source> {
        let at = self.node(decl.name.span);
        let feed = self.feed(&decl.from);
        let case = self.case_type(&decl.case);
        let accept = decl.accept.iter().map(|e| self.of_payload(e, |b, e| b.condition(e))).collect();
        for extra in decl.dedup.iter().skip(1) {
            self.twice("dedup", extra.span);
        }
        let dedup = decl.dedup.first().and_then(|dedup| {
            let key = self.of_payload(&dedup.by, |b, e| b.shown(e));
            let within = self.fixed_duration(&dedup.within, "the window of `dedup`");
            within.map(|within| (key, within))
        });
        for extra in decl.maps.iter().skip(1) {
            self.twice("map", extra.span);
        }
        let fields: Vec<&(Name, Expr)> = decl.maps.iter().flat_map(|m| &m.fields).collect();
        self.no_twins("field", fields.iter().map(|(n, _)| n));
        let mut map = Vec::with_capacity(fields.len());
        for (name, value) in &fields {
            map.extend(self.mapped(case, name, value, dropped));
        }
        if let Some(case) = case.filter(|_| whole) {
            self.map_is_complete(decl, case, &fields);
        }
        Some(Source {
            name: decl.name.text.as_str().to_string(),
            feed: feed?,
            at,
            case: case?,
            accept,
            dedup,
            map,
        })
    }

    fn of_payload(
        &mut self,
        e: &Expr,
        check: impl FnOnce(&mut BodyCx<'_, '_>, &Expr) -> crate::typed::Expr,
    ) -> Body {
        let mut body = BodyCx::new(self, Kind::Source);
        body.param("payload", Type::Json, e.span, Role::Given);
        let expr = check(&mut body, e);
        body.finish(expr)
    }

    fn mapped(
        &mut self,
        case: Option<RecordId>,
        name: &Name,
        value: &Expr,
        dropped: &mut Vec<Dropped>,
    ) -> Option<(usize, Body)> {
        let slot = case.and_then(|case| self.slot(case, &name.text));
        let Some(((slot, ty), case)) = slot.zip(case) else {
            if let Some(case) = case {
                self.unknown_field(case, name);
            }
            self.of_payload(value, |b, e| b.expr(e, &crate::body::Want::Any));
            return None;
        };
        self.field_given(case, name, &ty);
        if is_fixed(slot) {
            self.report(fixed_field(name, "map"));
        }
        let why = Why::Field(case, name.text.as_str().to_string());
        let body = self.of_payload(value, |b, e| b.check(e, &ty, &why));
        if matches!(ty, Type::Option(_)) {
            dropped.extend(self.dropped((case, slot), name, value, &body.expr));
        }
        Some((slot, body))
    }

    fn map_is_complete(&mut self, decl: &SourceDecl, case: RecordId, fields: &[&(Name, Expr)]) {
        let Some(layout) = self.types.record(case) else { return };
        let missing: Vec<(String, Type)> = layout
            .fields
            .iter()
            .skip(CASE_FIELDS.len())
            .filter(|f| !matches!(f.ty, Type::Option(_)) && !is_wrong(&f.ty))
            .filter(|f| !fields.iter().any(|(n, _)| n.text == f.name))
            .map(|f| (f.name.clone(), f.ty.clone()))
            .collect();
        if missing.is_empty() {
            return;
        }
        let examples: Vec<String> = missing
            .iter()
            .map(|(name, ty)| format!("`{name} = payload.{name} as {}?`", self.type_name(ty)))
            .collect();
        let names: Vec<String> = missing.iter().map(|(name, _)| format!("`{name}`")).collect();
        let at = decl
            .maps
            .first()
            .map_or(decl.name.span, |m| Span { end: m.span.start.saturating_add(3), ..m.span });
        let mut finding = Diagnostic::error(
            codes::P3012,
            place(at),
            format!("`{}` does not map {} of `{}`", decl.name.text, names.join(", "), decl.case.text),
        )
        .here(format!("without {}", names.join(", ")));
        for (name, _) in &missing {
            if let Some(at) = self.field_place(case, name) {
                finding = finding.label(place(at), "has to be there in every case");
            }
        }
        let finding = finding
            .note("Only a field whose type ends in `?` can be left out.")
            .help(format!("Add {}.", examples.join(", ")));
        let added = examples.iter().map(|example| example.trim_matches('`'));
        let edit = decl.maps.first().and_then(|m| self.added_to_map(m.span, m.fields.last(), added));
        self.report(match edit {
            Some(edit) => finding.fix("Map them from places of these names", false, vec![edit]),
            None => finding,
        });
    }

    /// What puts entries behind the last one of a map, laid out as that is.
    fn added_to_map<'a>(
        &self,
        map: Span,
        last: Option<&(Name, Expr)>,
        added: impl Iterator<Item = &'a str>,
    ) -> Option<Edit> {
        let (name, value) = last?;
        let before = self.text(Span { end: name.span.start, ..map });
        let between = match before.rsplit_once('\n') {
            Some((_, indent)) if indent.trim().is_empty() => format!("\n{indent}"),
            _ => ", ".into(),
        };
        let text: String = added.flat_map(|entry| [between.as_str(), entry]).collect();
        let end = Place { start: value.span.end, ..place(value.span) };
        Some(Edit { place: end, text })
    }

    fn twice(&mut self, what: &str, at: Span) {
        self.report(
            Diagnostic::error(codes::P2007, place(at), format!("a source has one `{what}`"))
                .here("one too many")
                .help("Put them together."),
        );
    }

    /// `feed("aws.guardduty")`, the one transport there is.
    fn feed(&mut self, from: &Expr) -> Option<String> {
        match &from.kind {
            ExprKind::Error => return None,
            ExprKind::NotYet { what, .. } => {
                self.not_yet(&what.text, what.span);
                return None;
            }
            ExprKind::Call { callee, args } if matches!(&callee.kind, ExprKind::Name(n) if n == "feed") => {
                if let [arg] = args.as_slice()
                    && arg.name.is_none()
                    && let Some(name) = arg.value.literal().filter(|name| !name.is_empty())
                {
                    return Some(name.to_string());
                }
                self.report(
                    Diagnostic::error(
                        codes::P3011,
                        place(from.span),
                        "`feed` takes the name of the feed, written out",
                    )
                    .here("a string without interpolation is wanted")
                    .help("Write `feed(\"aws.guardduty\")`."),
                );
                return None;
            }
            _ => {}
        }
        let callee = if let ExprKind::Call { callee, .. } = &from.kind { callee.span } else { from.span };
        let text = self.example(callee);
        self.report(
            Diagnostic::error(
                codes::P0001,
                place(from.span),
                format!("alerts `from {text}` are not supported yet"),
            )
            .here("this compiler does not have this transport")
            .help("Write `from feed(\"NAME\")`: the records of that name that are given to the engine."),
        );
        None
    }
}
