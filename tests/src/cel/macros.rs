//! Macros over lists as functions with a lambda.

use super::Reason;
use super::literal::T;
use super::parse::E;
use super::translate::{Cx, Done, Tr, tr};

impl Cx {
    /// A macro; `None` when it is none.
    pub(super) fn comprehension(&mut self, of: &E, name: &str, args: &[E]) -> Option<Done> {
        let known = matches!(
            name,
            "all"
                | "exists"
                | "exists_one"
                | "existsOne"
                | "map"
                | "filter"
                | "transformList"
                | "transformMap"
        );
        if !known {
            return None;
        }
        Some(match args {
            [E::Name(x), body] => self.over(of, name, x, None, body),
            [E::Name(x), condition, body] if name == "map" => self.over(of, name, x, Some(condition), body),
            [E::Name(i), E::Name(v), body] => self.over_both(of, name, (i, v), None, body),
            [E::Name(i), E::Name(v), condition, body] => {
                self.over_both(of, name, (i, v), Some(condition), body)
            }
            _ => Err(Reason::Syntax),
        })
    }

    fn elements(&mut self, of: &E) -> Result<(String, T), Reason> {
        let list = self.expr(of, None)?;
        match list.ty {
            T::List(inner) => Ok((list.code, *inner)),
            _ => Err(Reason::Maps),
        }
    }

    /// Translates where a name stands for a local.
    pub(super) fn with(&mut self, name: &str, ty: T, body: &E) -> Result<(String, Tr), Reason> {
        let local = format!("x{}", self.names);
        self.names += 1;
        let ty = if ty == T::Any { T::Int } else { ty };
        self.visible.push((name.to_string(), tr(local.clone(), ty)));
        let body = self.expr(body, None);
        self.visible.pop();
        Ok((local, body?))
    }

    fn over(&mut self, of: &E, name: &str, x: &str, condition: Option<&E>, body: &E) -> Done {
        let (mut list, inner) = self.elements(of)?;
        if let Some(condition) = condition {
            let (local, condition) = self.with(x, inner.clone(), condition)?;
            list = format!("{list}.filter({local} => {})", condition.code);
        }
        let (local, body) = self.with(x, inner.clone(), body)?;
        let (function, ty) = match name {
            "all" => ("all", T::Bool),
            "exists" => ("any", T::Bool),
            "exists_one" | "existsOne" => ("one", T::Bool),
            "filter" => ("filter", T::List(Box::new(inner))),
            "map" => ("map", T::List(Box::new(body.ty.clone()))),
            _ => return Err(Reason::Syntax),
        };
        Ok(tr(format!("{list}.{function}({local} => {})", body.code), ty))
    }

    /// With the position beside the element.
    fn over_both(
        &mut self,
        of: &E,
        name: &str,
        (i, v): (&str, &str),
        condition: Option<&E>,
        body: &E,
    ) -> Done {
        let (list, inner) = self.elements(of)?;
        let named = self.declare_list(&list, &inner);
        let position = format!("x{}", self.names);
        self.names += 1;
        self.visible.push((i.to_string(), tr(position.clone(), T::Int)));
        let condition = match condition {
            Some(condition) => {
                let (local, condition) = self.with(v, inner.clone(), condition)?;
                Some((local, condition.code))
            }
            None => None,
        };
        let done = self.with(v, inner, body);
        self.visible.pop();
        let (local, body) = done?;
        let item = format!("let {local} = {named}.at({position})");
        let (function, inside, ty) = match name {
            "all" => ("all", format!("if {item} {{ {} }} else {{ true }}", body.code), T::Bool),
            "exists" => ("any", format!("if {item} {{ {} }} else {{ false }}", body.code), T::Bool),
            "existsOne" => ("one", format!("if {item} {{ {} }} else {{ false }}", body.code), T::Bool),
            "transformList" => {
                let ty = T::List(Box::new(body.ty.clone()));
                let empty = self.declare(&ty.name(), "[]");
                let made = match condition {
                    Some((other, condition)) => format!(
                        "if {item} {{ if let {other} = {named}.at({position}) {{ if {condition} {{ [{}] }} else {{ {empty} }} }} else {{ {empty} }} }} else {{ {empty} }}",
                        body.code
                    ),
                    None => format!("if {item} {{ [{}] }} else {{ {empty} }}", body.code),
                };
                ("flat_map", made, ty)
            }
            _ => return Err(Reason::Maps),
        };
        Ok(tr(format!("{named}.indices().{function}({position} => {inside})"), ty))
    }

    fn declare_list(&mut self, list: &str, inner: &T) -> String {
        if list.contains("x") {
            // It uses a local: written out where it is used.
            return list.to_string();
        }
        let ty = T::List(Box::new(inner.clone()));
        self.declare(&ty.name(), list)
    }
}
