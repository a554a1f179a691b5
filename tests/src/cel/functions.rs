//! The functions of CEL and its extensions.

use super::Reason;
use super::literal::{T, quoted};
use super::parse::E;
use super::translate::{Cx, Done, Tr, float, tr};

impl Cx {
    pub(super) fn call(&mut self, of: Option<&E>, name: &str, args: &[E]) -> Done {
        match of {
            None => self.plain(name, args),
            Some(E::Name(space)) if self.visible.iter().all(|(n, _)| n != space) => {
                self.of_namespace(space, name, args)
            }
            Some(of) => match self.comprehension(of, name, args) {
                Some(done) => done,
                None => {
                    if name == "format" {
                        return self.format(of, args);
                    }
                    if name == "matches" {
                        return self.matches(of, args);
                    }
                    if name == "optMap" || name == "optFlatMap" {
                        return self.opt_map(of, name, args);
                    }
                    let of = self.expr(of, None)?;
                    let args = self.all(args)?;
                    self.method(of, name, &args)
                }
            },
        }
    }

    fn all(&mut self, args: &[E]) -> Result<Vec<Tr>, Reason> {
        args.iter().map(|a| self.expr(a, None)).collect()
    }

    /// A call as it stands: the compiler says that there is no such thing.
    fn as_it_stands(of: &Tr, name: &str, args: &[Tr]) -> Tr {
        let args: Vec<_> = args.iter().map(|a| a.code.as_str()).collect();
        tr(format!("{}.{name}({})", of.code, args.join(", ")), T::Bool)
    }

    fn plain(&mut self, name: &str, args: &[E]) -> Done {
        if name == "has" {
            return match args {
                [E::Select(of, name, _)] => self.select_of_map(of, name),
                _ => Err(Reason::Syntax),
            };
        }
        if name == "type" {
            return Err(Reason::Types);
        }
        let args = self.all(args)?;
        let [x] = args.as_slice() else {
            let codes: Vec<_> = args.iter().map(|a| a.code.as_str()).collect();
            return Ok(tr(format!("{name}({})", codes.join(", ")), T::Bool));
        };
        let code = x.code.as_str();
        Ok(match (name, &x.ty) {
            ("dyn", _) => Tr { dynamic: true, ..x.clone() },
            ("size", _) => tr(format!("{code}.len"), T::Int),
            ("int", T::Int | T::Uint) => Tr { ty: T::Int, ..x.clone() },
            ("uint", T::Uint) => x.clone(),
            ("double", T::Double)
            | ("string", T::Str)
            | ("bool", T::Bool)
            | ("timestamp", T::Time)
            | ("duration", T::Duration) => x.clone(),
            ("int", T::Double) => return self.maybe(format!("{code}.trunc()"), T::Int),
            ("int", T::Str) => return self.converted(code, T::Int),
            ("int", T::Time) => tr(format!("{code}.unix_seconds"), T::Int),
            ("uint", T::Int) => {
                let check = self.not_below_zero(code);
                return self.maybe(check, T::Uint);
            }
            ("uint", T::Double) => {
                let whole = self.maybe(format!("{code}.trunc()"), T::Int)?;
                let check = self.not_below_zero(&whole.code);
                return self.maybe(check, T::Uint);
            }
            ("uint", T::Str) => {
                let whole = self.converted(code, T::Int)?;
                let check = self.not_below_zero(&whole.code);
                return self.maybe(check, T::Uint);
            }
            ("double", T::Int | T::Uint) => tr(format!("{code}.float"), T::Double),
            ("double", T::Str) => return self.converted(code, T::Double),
            ("bool", T::Str) => return self.converted(code, T::Bool),
            ("timestamp", T::Str) => return self.converted(code, T::Time),
            ("timestamp", T::Int) => return self.maybe(format!("{code}.unix_seconds"), T::Time),
            ("duration", T::Str) => return self.converted(code, T::Duration),
            ("ip", T::Str) => return self.converted(code, T::Ip),
            ("cidr", T::Str) => return self.converted(code, T::Cidr),
            ("isIP", _) => tr(format!("is_ip({code})"), T::Bool),
            ("string", T::Duration) => tr(format!("\"{{{code}.seconds}}s\""), T::Str),
            ("string", T::Int | T::Uint | T::Double | T::Time | T::Ip | T::Cidr | T::Bool) => {
                tr(format!("\"{{{code}}}\""), T::Str)
            }
            ("bytes", T::Str) => tr(format!("{code}.utf8"), T::Bytes),
            ("bytes", T::Bytes) => x.clone(),
            ("string", T::Bytes) => return self.maybe(format!("{code}.utf8"), T::Str),
            _ => tr(format!("{name}({code})"), T::Bool),
        })
    }

    fn select_of_map(&mut self, of: &E, name: &str) -> Done {
        if name == "`" {
            return Err(Reason::Quoted);
        }
        match of {
            E::Message => Err(Reason::Messages),
            E::Name(n) if self.visible.iter().all(|(v, _)| v != n) => Err(Reason::Namespaces),
            of => {
                let of = self.expr(of, None)?;
                let key = self.declare("String", &quoted(name));
                match &of.ty {
                    T::Map(..) => Ok(tr(format!("({key} in {})", of.code), T::Bool)),
                    T::Option(inner) if matches!(**inner, T::Map(..)) => {
                        Ok(tr(format!("({}?.get({key}) != none)", of.code), T::Bool))
                    }
                    _ => Err(Reason::Dynamic),
                }
            }
        }
    }

    fn converted(&mut self, code: &str, ty: T) -> Done {
        self.fallible = true;
        Ok(tr(format!("({code} as {}?)", ty.name()), ty))
    }

    fn not_below_zero(&mut self, code: &str) -> String {
        format!("not_below_zero({code})")
    }

    fn of_namespace(&mut self, space: &str, name: &str, args: &[E]) -> Done {
        match (space, name) {
            ("cel", "bind") => {
                let [E::Name(x), value, body] = args else { return Err(Reason::Syntax) };
                let value = self.expr(value, None)?;
                let (local, body) = self.with(x, value.ty.clone(), body)?;
                Ok(tr(format!("{{ let {local} = {}\n{} }}", value.code, body.code), body.ty))
            }
            ("optional", "none") => {
                let code = self.declare("Int?", "none");
                Ok(tr(code, T::Option(Box::new(T::Any))))
            }
            ("optional", "of") => {
                let [x] = args else { return Err(Reason::Syntax) };
                let x = self.expr(x, None)?;
                let some = self.some(&x.ty);
                Ok(tr(format!("{some}({})", x.code), T::Option(Box::new(x.ty))))
            }
            ("optional", "ofNonZeroValue") => {
                let [x] = args else { return Err(Reason::Syntax) };
                let x = self.expr(x, None)?;
                let zero = match &x.ty {
                    T::Int | T::Uint => "x == 0",
                    T::Str => "x.is_empty",
                    T::List(_) | T::Map(..) | T::Bytes => "x.is_empty",
                    T::Double => "x == 0.0",
                    T::Bool => "not x",
                    _ => return Err(Reason::Dynamic),
                };
                let name = self.some_if(&x.ty, zero);
                Ok(tr(format!("{name}({})", x.code), T::Option(Box::new(x.ty))))
            }
            ("math", _) => self.math(name, args),
            ("ip", "isCanonical") => {
                let args = self.all(args)?;
                let [x] = args.as_slice() else { return Err(Reason::Syntax) };
                self.maybe(format!("is_canonical({})", x.code), T::Bool)
            }
            ("base64", "encode") => {
                let args = self.all(args)?;
                let [x] = args.as_slice() else { return Err(Reason::Syntax) };
                Ok(tr(format!("{}.base64", x.code), T::Str))
            }
            ("base64", "decode") => {
                let args = self.all(args)?;
                let [x] = args.as_slice() else { return Err(Reason::Syntax) };
                self.converted(&x.code, T::Bytes)
            }
            ("strings", "quote") => Err(Reason::Formats),
            _ => Err(Reason::Namespaces),
        }
    }

    fn math(&mut self, name: &str, args: &[E]) -> Done {
        let mut items: Vec<Tr> = match args {
            [E::List(items)] if matches!(name, "greatest" | "least") => {
                items.iter().map(|(_, e)| self.expr(e, None)).collect::<Result<_, _>>()?
            }
            _ => self.all(args)?,
        };
        if matches!(name, "greatest" | "least") {
            let function = if name == "greatest" { "max" } else { "min" };
            if items.iter().any(|i| i.ty == T::Double) && items.iter().any(|i| i.ty != T::Double) {
                items = items.into_iter().map(float).collect::<Result<_, _>>()?;
                items.iter_mut().for_each(|i| i.dynamic = true);
            }
            // The type of the largest is known at run time only, so it may meet any other number.
            let mixed = items.iter().any(|i| i.dynamic) || items.windows(2).any(|w| w[0].ty != w[1].ty);
            let first = items.first().cloned().ok_or(Reason::Syntax)?;
            let rest = items.iter().skip(1);
            let code = rest.fold(first.code.clone(), |code, i| format!("{code}.{function}({})", i.code));
            return Ok(Tr { dynamic: mixed, ..tr(code, first.ty) });
        }
        let first = items.first().cloned().ok_or(Reason::Syntax)?;
        let x = first.code.as_str();
        let y = items.get(1).map(|i| i.code.clone()).unwrap_or_default();
        let ty = first.ty.clone();
        Ok(match (name, &first.ty) {
            ("ceil" | "floor" | "round" | "trunc", _) => {
                let whole = self.maybe(format!("{x}.{name}()"), T::Int)?;
                tr(format!("{}.float", whole.code), T::Double)
            }
            ("abs", T::Uint) => first.clone(),
            ("abs", T::Int) => return self.maybe(format!("{x}.abs()"), T::Int),
            ("abs" | "sign", _) => tr(format!("{x}.{name}()"), ty),
            ("isNaN", _) => tr(format!("{x}.is_nan"), T::Bool),
            ("isInf", _) => tr(format!("{x}.is_infinite"), T::Bool),
            ("isFinite", _) => tr(format!("{x}.is_finite"), T::Bool),
            ("bitAnd", _) => tr(format!("{x}.bit_and({y})"), ty),
            ("bitOr", _) => tr(format!("{x}.bit_or({y})"), ty),
            ("bitXor", _) => tr(format!("{x}.bit_xor({y})"), ty),
            ("bitNot", T::Uint) => return Err(Reason::Unsigned),
            ("bitNot", _) => tr(format!("{x}.bit_not()"), ty),
            ("bitShiftLeft", _) => return self.maybe(format!("{x}.shift_left({y})"), ty),
            ("bitShiftRight", _) => return self.maybe(format!("{x}.shift_right({y})"), ty),
            _ => return Err(Reason::Namespaces),
        })
    }

    fn method(&mut self, of: Tr, name: &str, args: &[Tr]) -> Done {
        let x = of.code.as_str();
        let code = |i: usize| args.get(i).map(|a| a.code.clone()).unwrap_or_default();
        let (a, b, c) = (code(0), code(1), code(2));
        let time = of.ty == T::Time;
        let local = |at: &str| match args.len() {
            0 => at.to_string(),
            _ => format!("({at} + ({at}.offset_in({a})?))"),
        };
        Ok(match (name, args.len()) {
            ("size", 0) => tr(format!("{x}.len"), T::Int),
            ("contains", 1) => tr(format!("{x}.contains({a})"), T::Bool),
            ("startsWith", 1) => tr(format!("{x}.starts_with({a})"), T::Bool),
            ("endsWith", 1) => tr(format!("{x}.ends_with({a})"), T::Bool),
            ("charAt", 1) => return self.maybe(format!("char_at({x}, {a})"), T::Str),
            ("indexOf", 1) => tr(format!("({x}.index_of({a}) else -1)"), T::Int),
            ("indexOf", 2) => return self.maybe(format!("index_from({x}, {a}, {b})"), T::Int),
            ("lastIndexOf", 1) => tr(format!("({x}.last_index_of({a}) else -1)"), T::Int),
            ("lastIndexOf", 2) => return self.maybe(format!("last_index_from({x}, {a}, {b})"), T::Int),
            ("lowerAscii", 0) => tr(format!("{x}.lower()"), T::Str),
            ("upperAscii", 0) => tr(format!("{x}.upper()"), T::Str),
            ("replace", 2) => tr(format!("{x}.replace({a}, {b})"), T::Str),
            ("replace", 3) => tr(format!("replace_most({x}, {a}, {b}, {c})"), T::Str),
            ("split", 1) => tr(format!("{x}.split({a})"), T::List(Box::new(T::Str))),
            ("split", 2) => tr(format!("split_most({x}, {a}, {b})"), T::List(Box::new(T::Str))),
            ("substring", 1) => return self.maybe(format!("substring({x}, {a}, {x}.len)"), T::Str),
            ("substring", 2) => return self.maybe(format!("substring({x}, {a}, {b})"), T::Str),
            ("trim", 0) => tr(format!("{x}.trim()"), T::Str),
            ("reverse", 0) => tr(format!("{x}.reverse()"), of.ty.clone()),
            ("join", _) => {
                let list = if of.ty.is_open() { self.declare("[String]", "[]") } else { of.code.clone() };
                let between = if args.is_empty() { "\"\"".to_string() } else { a };
                tr(format!("{list}.join({between})"), T::Str)
            }
            ("hasValue", 0) => tr(format!("{x}.is_some"), T::Bool),
            ("value", 0) => match of.ty {
                T::Option(inner) => return self.maybe(x, *inner),
                _ => return Err(Reason::Dynamic),
            },
            ("or" | "orValue", 1) => return self.or(&of, name, args),
            ("getDate", 0 | 1) if time => self.part(&local(x), "day", args),
            ("getDayOfMonth", 0 | 1) if time => self.less(&local(x), "day", args),
            ("getDayOfWeek", 0 | 1) if time => {
                let of = self.part(&local(x), "weekday", args);
                tr(format!("({} % 7)", of.code), T::Int)
            }
            ("getDayOfYear", 0 | 1) if time => self.less(&local(x), "day_of_year", args),
            ("getFullYear", 0 | 1) if time => self.part(&local(x), "year", args),
            ("getHours", 0 | 1) if time => self.part(&local(x), "hour", args),
            ("getMinutes", 0 | 1) if time => self.part(&local(x), "minute", args),
            ("getMonth", 0 | 1) if time => self.less(&local(x), "month", args),
            ("getSeconds", 0 | 1) if time => self.part(&local(x), "second", args),
            ("getMilliseconds", 0 | 1) if time => self.part(&local(x), "millisecond", args),
            ("getHours", 0) => tr(format!("{x}.hours"), T::Int),
            ("getMinutes", 0) => tr(format!("{x}.minutes"), T::Int),
            ("getSeconds", 0) => tr(format!("{x}.seconds"), T::Int),
            ("getMilliseconds", 0) => {
                let all = self.maybe(format!("{x}.millis"), T::Int)?;
                tr(format!("({} % 1000)", all.code), T::Int)
            }
            ("family", 0) => tr(format!("{x}.version"), T::Int),
            ("isUnspecified", 0) => tr(format!("{x}.is_unspecified"), T::Bool),
            ("isLoopback", 0) => tr(format!("{x}.is_loopback"), T::Bool),
            ("isLinkLocalUnicast", 0) => tr(format!("{x}.is_link_local"), T::Bool),
            ("isLinkLocalMulticast", 0) => tr(format!("is_link_local_multicast({x})"), T::Bool),
            ("isGlobalUnicast", 0) => tr(format!("is_global_unicast({x})"), T::Bool),
            ("containsIP", 1) => {
                let ip = self.as_type(&args[0], T::Ip)?;
                tr(format!("({ip} in {x})"), T::Bool)
            }
            ("containsCIDR", 1) => {
                let net = self.as_type(&args[0], T::Cidr)?;
                tr(format!("{net}.is_within({x})"), T::Bool)
            }
            ("ip", 0) => tr(format!("{x}.first"), T::Ip),
            ("masked", 0) => of.clone(),
            ("prefixLength", 0) => tr(format!("{x}.prefix"), T::Int),
            _ => Self::as_it_stands(&of, name, args),
        })
    }

    /// Text is read first.
    fn as_type(&mut self, of: &Tr, ty: T) -> Result<String, Reason> {
        if of.ty == T::Str { Ok(self.converted(&of.code, ty)?.code) } else { Ok(of.code.clone()) }
    }

    fn part(&mut self, at: &str, part: &str, args: &[Tr]) -> Tr {
        self.fallible |= !args.is_empty();
        tr(format!("{at}.{part}"), T::Int)
    }

    /// Counted from 0.
    fn less(&mut self, at: &str, part: &str, args: &[Tr]) -> Tr {
        let of = self.part(at, part, args);
        tr(format!("({} - 1)", of.code), T::Int)
    }

    fn or(&mut self, of: &Tr, name: &str, args: &[Tr]) -> Done {
        let (T::Option(inner), Some(other)) = (&of.ty, args.first()) else { return Err(Reason::Dynamic) };
        let value = match &other.ty {
            T::Option(of) if name == "or" => (**of).clone(),
            other => other.clone(),
        };
        let ty = if inner.is_open() { value } else { (**inner).clone() };
        let code =
            if inner.is_open() { self.declare(&format!("{}?", ty.name()), "none") } else { of.code.clone() };
        let other_code = match &other.ty {
            T::Option(o) if o.is_open() => self.declare(&format!("{}?", ty.name()), "none"),
            _ => other.code.clone(),
        };
        let ty = if name == "or" { T::Option(Box::new(ty)) } else { ty };
        Ok(tr(format!("({code} else {other_code})"), ty))
    }

    fn opt_map(&mut self, of: &E, name: &str, args: &[E]) -> Done {
        let of = self.expr(of, None)?;
        let (T::Option(inner), [E::Name(x), body]) = (&of.ty, args) else { return Err(Reason::Dynamic) };
        let (local, body) = self.with(x, (**inner).clone(), body)?;
        let ty = match (&body.ty, name) {
            (T::Option(of), "optFlatMap") => (**of).clone(),
            (other, _) => other.clone(),
        };
        let some = if name == "optMap" {
            let some = self.some(&ty);
            format!("{some}({})", body.code)
        } else {
            body.code
        };
        let none = self.declare(&format!("{}?", ty.name()), "none");
        Ok(tr(
            format!("(if let {local} = {} {{ {some} }} else {{ {none} }})", of.code),
            T::Option(Box::new(ty)),
        ))
    }

    fn matches(&mut self, of: &E, args: &[E]) -> Done {
        let of = self.expr(of, None)?;
        match args {
            [E::Str(pattern)] => {
                let pattern =
                    if pattern.is_empty() { "(?:)".to_string() } else { pattern.replace('/', "\\/") };
                Ok(tr(format!("({} matches /{pattern}/)", of.code), T::Bool))
            }
            // A pattern is part of the program.
            _ => Err(Reason::Dynamic),
        }
    }

    /// A form with values to put in: an interpolation.
    fn format(&mut self, of: &E, args: &[E]) -> Done {
        let (E::Str(form), [E::List(values)]) = (of, args) else { return Err(Reason::Formats) };
        let mut values = values.iter();
        let mut text = String::new();
        let mut chars = form.chars().peekable();
        while let Some(c) = chars.next() {
            if c != '%' {
                let quoted = super::literal::quoted(c.encode_utf8(&mut [0; 4]));
                text.push_str(quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or_default());
                continue;
            }
            let mut digits = 6;
            if chars.next_if_eq(&'.').is_some() {
                let mut number = String::new();
                while let Some(d) = chars.next_if(char::is_ascii_digit) {
                    number.push(d);
                }
                digits = number.parse().map_err(|_| Reason::Formats)?;
            }
            let clause = chars.next().ok_or(Reason::Formats)?;
            if clause == '%' {
                text.push('%');
                continue;
            }
            let (_, value) = values.next().ok_or(Reason::Formats)?;
            let value = self.expr(value, None)?;
            let x = value.code.as_str();
            let base = |base: u32| format!("{x}.in_base({base})?");
            let put = match (clause, &value.ty) {
                ('s', T::Duration) => format!("{x}.seconds}}s"),
                ('s', T::Str | T::Int | T::Uint | T::Bool | T::Double | T::Time | T::Ip | T::Cidr) => {
                    x.to_string()
                }
                ('d', T::Int | T::Uint) => x.to_string(),
                ('f', T::Int | T::Uint) => format!("{x}.float.fixed({digits})"),
                ('f', _) => format!("{x}.fixed({digits})"),
                ('b', T::Bool) => format!("if {x} {{ 1 }} else {{ 0 }}"),
                ('b', _) => base(2),
                ('o', _) => base(8),
                ('x', T::Bytes) => format!("{x}.hex"),
                ('X', T::Bytes) => format!("{x}.hex.upper()"),
                ('x', T::Str) | ('X', T::Str) => return Err(Reason::Formats),
                ('x', _) => base(16),
                ('X', _) => format!("({}).upper()", base(16)),
                ('d', T::Double) => return Err(Reason::Formats),
                ('d', _) => base(10),
                _ => return Err(Reason::Formats),
            };
            self.fallible |= put.contains("in_base");
            let end = if put.ends_with("}s") { "" } else { "}" };
            text.push_str(&format!("{{{put}{end}"));
        }
        Ok(tr(format!("\"{text}\""), T::Str))
    }

    /// A function that makes an option.
    fn some(&mut self, ty: &T) -> String {
        let name = format!("some{}", self.names);
        self.names += 1;
        self.add(&format!("fn {name}(x: {ty}) -> {ty}? {{ x }}\n", ty = ty.name()));
        name
    }

    fn some_if(&mut self, ty: &T, absent: &str) -> String {
        let name = format!("some{}", self.names);
        self.names += 1;
        self.add(&format!(
            "fn {name}(x: {ty}) -> {ty}? {{ if {absent} {{ none }} else {{ x }} }}\n",
            ty = ty.name()
        ));
        name
    }
}
