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
            // Those of a map are its keys.
            T::Map(key, _) => Ok((format!("{}.keys", list.code), *key)),
            _ => Err(Reason::Dynamic),
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
        let of = self.expr(of, None)?;
        if let T::Map(key, value) = &of.ty {
            let (key, value) = ((**key).clone(), (**value).clone());
            return self.over_map(&of.code, name, ((i, key), (v, value)), condition, body);
        }
        let T::List(inner) = of.ty else { return Err(Reason::Dynamic) };
        let (list, inner) = (of.code, *inner);
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
            "transformMap" => {
                let picked = match condition {
                    Some((other, condition)) => format!(
                        ".filter({position} => if let {other} = {named}.at({position}) {{ {condition} }} else {{ false }})"
                    ),
                    None => String::new(),
                };
                let empty = self.declare(&T::List(Box::new(body.ty.clone())).name(), "[]");
                let places = format!("{named}.indices(){picked}");
                let values = format!(
                    "{places}.flat_map({position} => if {item} {{ [{}] }} else {{ {empty} }})",
                    body.code
                );
                let ty = T::Map(Box::new(T::Int), Box::new(body.ty));
                return Ok(tr(format!("{places}.to_map({values})"), ty));
            }
            _ => return Err(Reason::Syntax),
        };
        Ok(tr(format!("{named}.indices().{function}({position} => {inside})"), ty))
    }

    /// Over keys and values.
    fn over_map(
        &mut self,
        map: &str,
        name: &str,
        ((k, key), (v, value)): ((&str, T), (&str, T)),
        condition: Option<&E>,
        body: &E,
    ) -> Done {
        let at = format!("x{}", self.names);
        self.names += 1;
        self.visible.push((k.to_string(), tr(at.clone(), key.clone())));
        let condition = match condition {
            Some(condition) => {
                let (local, condition) = self.with(v, value.clone(), condition)?;
                Some((local, condition.code))
            }
            None => None,
        };
        let done = self.with(v, value, body);
        self.visible.pop();
        let (local, body) = done?;
        let item = format!("let {local} = {map}.get({at})");
        let made = |function: &str, otherwise: &str| {
            format!("{map}.keys.{function}({at} => if {item} {{ {} }} else {{ {otherwise} }})", body.code)
        };
        let picked = match condition {
            Some((other, condition)) => format!(
                "{map}.keys.filter({at} => if let {other} = {map}.get({at}) {{ {condition} }} else {{ false }})"
            ),
            None => format!("{map}.keys"),
        };
        let list = T::List(Box::new(body.ty.clone()));
        let mut values = || {
            let empty = self.declare(&list.name(), "[]");
            format!("{picked}.flat_map({at} => if {item} {{ [{}] }} else {{ {empty} }})", body.code)
        };
        Ok(match name {
            "all" => tr(made("all", "true"), T::Bool),
            "exists" => tr(made("any", "false"), T::Bool),
            "existsOne" => tr(made("one", "false"), T::Bool),
            "transformList" => tr(values(), list.clone()),
            "transformMap" => {
                let ty = T::Map(Box::new(key), Box::new(body.ty.clone()));
                tr(format!("{picked}.to_map({})", values()), ty)
            }
            _ => return Err(Reason::Syntax),
        })
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
