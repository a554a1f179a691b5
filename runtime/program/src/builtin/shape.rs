//! The types in a signature, where some stand for whatever a list or an option holds.

use crate::types::{Type, TypeTable};

/// A type in the signature of a built-in function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `Bool`
    Bool,
    /// `Int`
    Int,
    /// `Float`
    Float,
    /// `String`
    String,
    /// `Time`
    Time,
    /// `Duration`
    Duration,
    /// `Size`
    Size,
    /// `Ip`
    Ip,
    /// `Cidr`
    Cidr,
    /// `Domain`
    Domain,
    /// `Url`
    Url,
    /// `Email`
    Email,
    /// `Hash`
    Hash,
    /// `Regex`, which only stands in the source.
    Regex,
    /// Any enum.
    Enum,
    /// Any type, the same throughout the signature.
    Any,
    /// As `Any`, but one that `==` compares.
    Comparable,
    /// As `Any`, but one that `<` compares.
    Ordered,
    /// As `Any`, but one that `sort` puts in order.
    Sortable,
    /// What a lambda makes of each element, as a list: of a type of its own.
    Each(&'static Shape),
    /// `Bytes`
    Bytes,
    /// `Date`
    Date,
    /// `Version`
    Version,
    /// The type of the keys of a map, the same throughout the signature.
    Key,
    /// A map; its keys are `Key`.
    Map(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// An option.
    Option(&'static Shape),
}

/// What `Any` and `Key` stand for: taken from the first type that meets them.
#[derive(Debug, Default)]
pub(super) struct Bound {
    content: Option<Type>,
    key: Option<Type>,
}

impl Shape {
    /// Whether a type is of the shape.
    pub(super) fn fits(&self, ty: &Type, bound: &mut Bound, types: &TypeTable) -> bool {
        match (self, ty) {
            (Self::Enum, Type::Enum(_) | Type::Union(_)) => true,
            (Self::List(of), Type::List(inner)) | (Self::Option(of), Type::Option(inner)) => {
                of.fits(inner, bound, types)
            }
            (Self::Map(of), Type::Map(key, inner)) => {
                Self::Key.fits(key, bound, types) && of.fits(inner, bound, types)
            }
            (Self::Int, ty) => ty.is_int(),
            (Self::Key, _) => can_be_key(ty, types) && met(&mut bound.key, ty),
            (Self::Each(Self::Key), Type::List(inner)) => Self::Key.fits(inner, bound, types),
            (Self::Each(of), Type::List(inner)) => of.fits(inner, &mut Bound::default(), types),
            (Self::Any | Self::Comparable | Self::Ordered | Self::Sortable, _) => {
                let allowed = match self {
                    Self::Comparable => comparable(ty, types),
                    Self::Ordered => ordered(ty, types),
                    Self::Sortable => sortable(ty, types),
                    _ => true,
                };
                allowed && met(&mut bound.content, ty)
            }
            (Self::Enum | Self::List(_) | Self::Map(_) | Self::Option(_) | Self::Each(_), _) => false,
            _ => self.ty(&Bound::default()) == *ty,
        }
    }

    /// The type, with what the shapes without a type of their own stand for.
    pub(super) fn ty(&self, bound: &Bound) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Float => Type::Float,
            Self::String => Type::String,
            Self::Time => Type::Time,
            Self::Duration => Type::Duration,
            Self::Size => Type::Size,
            Self::Ip => Type::Ip,
            Self::Cidr => Type::Cidr,
            Self::Domain => Type::Domain,
            Self::Url => Type::Url,
            Self::Email => Type::Email,
            Self::Hash => Type::Hash,
            Self::Regex => Type::Regex,
            Self::Each(of) => Type::List(Box::new(of.ty(&Bound::default()))),
            Self::Bytes => Type::Bytes,
            Self::Date => Type::Date,
            Self::Version => Type::Version,
            Self::Key => bound.key.clone().unwrap_or(Type::Never),
            Self::Map(of) => Type::Map(Box::new(Self::Key.ty(bound)), Box::new(of.ty(bound))),
            Self::List(of) => Type::List(Box::new(of.ty(bound))),
            Self::Option(of) => match of.ty(bound) {
                option @ Type::Option(_) => option,
                other => Type::Option(Box::new(other)),
            },
            Self::Enum | Self::Any | Self::Comparable | Self::Ordered | Self::Sortable => {
                bound.content.clone().unwrap_or(Type::Never)
            }
        }
    }

    /// As it is written in the documentation.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Any | Self::Comparable | Self::Ordered | Self::Sortable => "T".into(),
            Self::Each(_) => "T => K".into(),
            Self::Key => "K".into(),
            Self::Map(of) => format!("{{K: {}}}", of.describe()),
            Self::List(of) => format!("[{}]", of.describe()),
            Self::Option(of) => format!("{}?", of.describe()),
            simple => format!("{simple:?}"),
        }
    }
}

/// Whether values of a type can be keys of a map: each has one form, and equals itself.
#[must_use]
pub fn can_be_key(ty: &Type, types: &TypeTable) -> bool {
    matches!(
        types.repr(ty),
        Type::String
            | Type::Int
            | Type::Ranged(..)
            | Type::Bool
            | Type::Ip
            | Type::Domain
            | Type::Email
            | Type::Url
            | Type::Hash
            | Type::Enum(_)
            | Type::Never
    )
}

/// Whether a type is the one that was met first. Two ranges are one type without a range.
fn met(first: &mut Option<Type>, ty: &Type) -> bool {
    match first {
        None => *first = Some(ty.clone()),
        Some(known) if known == ty => {}
        Some(known) if known.widened() == ty.widened() => *known = ty.widened(),
        Some(_) => return false,
    }
    true
}

/// Whether `==` compares values of the type: there is no `Json` and no `Regex` in it.
fn comparable(ty: &Type, types: &TypeTable) -> bool {
    match types.repr(ty) {
        Type::Json | Type::Regex => false,
        Type::List(of) | Type::Option(of) | Type::Map(_, of) => comparable(of, types),
        Type::Union(id) => types.enumeration(*id).is_some_and(|of| {
            let fields =
                of.holds.iter().filter_map(|r| types.record(*r)).flat_map(|r| r.fields.iter().skip(1));
            fields.map(|f| &f.ty).all(|ty| comparable(ty, types))
        }),
        Type::Record(id) => {
            types.record(*id).is_some_and(|r| r.fields.iter().all(|f| comparable(&f.ty, types)))
        }
        _ => true,
    }
}

/// Whether `<` compares values of the type.
fn ordered(ty: &Type, types: &TypeTable) -> bool {
    match ty {
        Type::Int
        | Type::Ranged(..)
        | Type::Float
        | Type::Time
        | Type::Duration
        | Type::Size
        | Type::Date
        | Type::Version => true,
        Type::Enum(id) => types.enumeration(*id).is_some_and(|e| e.ordered),
        _ => false,
    }
}

/// Whether `sort` puts values of the type in order: those that `<` compares, text, and addresses.
fn sortable(ty: &Type, types: &TypeTable) -> bool {
    match types.repr(ty) {
        Type::String | Type::Ip | Type::Domain | Type::Email | Type::Url | Type::Hash => true,
        other => ordered(other, types),
    }
}
