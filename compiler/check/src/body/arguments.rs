//! Arguments: which belongs to which parameter.

use play_diagnostics::Diagnostic;
use play_diagnostics::registry::codes;
use play_program::types::Type;
use play_program::value::Value;
use play_syntax::ast::{self, Arg, Span};

use super::{BodyCx, Want, Why, lit};
use crate::context::{is_wrong, place};
use crate::names::rename;
use crate::typed::Expr;

impl BodyCx<'_, '_> {
    /// Arguments in the order of the parameters; `None` when something is wrong with their number or names. All of them
    /// are checked in any case.
    pub(crate) fn arguments(
        &mut self,
        of: &str,
        declared: Span,
        params: &[(String, Type)],
        args: &[Arg],
        span: Span,
    ) -> Option<Vec<Expr>> {
        let mut given: Vec<Option<&ast::Expr>> = vec![None; params.len()];
        let mut sound = true;
        let mut named = false;
        for (i, arg) in args.iter().enumerate() {
            let at = match &arg.name {
                Some(name) => {
                    named = true;
                    let found = params.iter().position(|(p, _)| *p == name.text);
                    if found.is_none() {
                        let known = params.iter().map(|(p, _)| p.as_str());
                        let near = self.context.closest(&name.text, known).map(str::to_string);
                        let finding = Diagnostic::error(
                            codes::P3011,
                            place(name.span),
                            format!("`{of}` has no parameter `{}`", name.text),
                        )
                        .here("no such parameter")
                        .label(place(declared), format!("takes {}", self.parameter_list(params)));
                        self.report(match near {
                            Some(near) => rename(finding, name.span, &near),
                            None => finding,
                        });
                        sound = false;
                        self.expr(&arg.value, &Want::Any);
                        continue;
                    }
                    found
                }
                None if named => {
                    self.report(
                        Diagnostic::error(
                            codes::P3011,
                            place(arg.value.span),
                            "an argument without a name comes after one with a name",
                        )
                        .here("which parameter is meant?")
                        .help("Give it a name too: `NAME: value`."),
                    );
                    sound = false;
                    self.expr(&arg.value, &Want::Any);
                    continue;
                }
                None => Some(i),
            };
            match at.and_then(|at| given.get_mut(at)) {
                Some(slot) if slot.is_none() => *slot = Some(&arg.value),
                Some(_) => {
                    let name = at.and_then(|at| params.get(at)).map_or("", |(p, _)| p.as_str());
                    self.report(
                        Diagnostic::error(
                            codes::P3011,
                            place(arg.value.span),
                            format!("`{name}` is given twice"),
                        )
                        .here("given again here"),
                    );
                    sound = false;
                    self.expr(&arg.value, &Want::Any);
                }
                None => {
                    sound = false;
                    self.expr(&arg.value, &Want::Any);
                }
            }
        }
        if args.len() > params.len() && !named {
            let extra = args.get(params.len()).map_or(span, |a| a.value.span);
            self.report(
                Diagnostic::error(
                    codes::P3011,
                    place(extra),
                    format!("`{of}` takes {}, not {}", count(params.len()), args.len()),
                )
                .here("one too many")
                .label(place(declared), format!("takes {}", self.parameter_list(params))),
            );
        }
        let mut values = Vec::with_capacity(params.len());
        let mut missing = Vec::new();
        for ((name, ty), value) in params.iter().zip(&given) {
            values.push(match value {
                Some(value) => self.check(value, ty, &Why::Param { name: name.clone(), of: of.to_string() }),
                None => {
                    if !matches!(ty, Type::Option(_)) && !is_wrong(ty) {
                        missing.push((name.clone(), ty.clone()));
                    }
                    let at = self.node(span);
                    lit(Value::None, ty.clone(), at)
                }
            });
        }
        if !missing.is_empty() && sound {
            let names: Vec<String> = missing.iter().map(|(n, _)| format!("`{n}`")).collect();
            let example: Vec<String> =
                missing.iter().map(|(n, ty)| format!("{n}: {}", self.context.sample(ty))).collect();
            self.report(
                Diagnostic::error(
                    codes::P3011,
                    place(span),
                    format!("{} is missing in the call of `{of}`", names.join(", ")),
                )
                .here(format!("without {}", names.join(", ")))
                .label(place(declared), format!("takes {}", self.parameter_list(params)))
                .help(format!("Add `{}`.", example.join(", "))),
            );
            sound = false;
        }
        sound.then_some(values)
    }

    fn parameter_list(&self, params: &[(String, Type)]) -> String {
        if params.is_empty() {
            return "nothing".into();
        }
        let all: Vec<String> =
            params.iter().map(|(n, ty)| format!("{n}: {}", self.context.type_name(ty))).collect();
        format!("`({})`", all.join(", "))
    }
}

/// A number of arguments in words.
pub(crate) fn count(n: usize) -> String {
    match n {
        0 => "no argument".into(),
        1 => "one argument".into(),
        n => format!("{n} arguments"),
    }
}
