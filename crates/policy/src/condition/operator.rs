//! The names of condition operators (reference iam.md 1.8, 2.2).

/// A known operator with its prefix and suffix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) set: SetMode,
    pub(crate) if_exists: bool,
    pub(crate) negated: bool,
    pub(crate) family: Family,
}

/// How the values of a multivalued key combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetMode {
    /// No prefix: the operator is for single-valued keys.
    Scalar,
    /// `ForAllValues:`.
    All,
    /// `ForAnyValue:`.
    Any,
}

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    TextIgnoringCase,
    TextPattern,
    Numeric(Order),
    Date(Order),
    Bool,
    Binary,
    IpAddress,
    Arn,
    Null,
}

/// How two numbers or dates must stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// Whether a request value that compares to the policy value in this way satisfies the order.
    pub(crate) fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            Order::Equal => ordering.is_eq(),
            Order::Less => ordering.is_lt(),
            Order::LessOrEqual => ordering.is_le(),
            Order::Greater => ordering.is_gt(),
            Order::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

/// Base names with what they compare, and whether they are the negation of it.
const NAMES: &[(&str, Family, bool)] = &[
    ("StringEquals", Family::Text, false),
    ("StringNotEquals", Family::Text, true),
    ("StringEqualsIgnoreCase", Family::TextIgnoringCase, false),
    ("StringNotEqualsIgnoreCase", Family::TextIgnoringCase, true),
    ("StringLike", Family::TextPattern, false),
    ("StringNotLike", Family::TextPattern, true),
    ("NumericEquals", Family::Numeric(Order::Equal), false),
    ("NumericNotEquals", Family::Numeric(Order::Equal), true),
    ("NumericLessThan", Family::Numeric(Order::Less), false),
    ("NumericLessThanEquals", Family::Numeric(Order::LessOrEqual), false),
    ("NumericGreaterThan", Family::Numeric(Order::Greater), false),
    ("NumericGreaterThanEquals", Family::Numeric(Order::GreaterOrEqual), false),
    ("DateEquals", Family::Date(Order::Equal), false),
    ("DateNotEquals", Family::Date(Order::Equal), true),
    ("DateLessThan", Family::Date(Order::Less), false),
    ("DateLessThanEquals", Family::Date(Order::LessOrEqual), false),
    ("DateGreaterThan", Family::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Family::Date(Order::GreaterOrEqual), false),
    ("Bool", Family::Bool, false),
    ("BinaryEquals", Family::Binary, false),
    ("IpAddress", Family::IpAddress, false),
    ("NotIpAddress", Family::IpAddress, true),
    ("ArnEquals", Family::Arn, false),
    ("ArnLike", Family::Arn, false),
    ("ArnNotEquals", Family::Arn, true),
    ("ArnNotLike", Family::Arn, true),
    ("Null", Family::Null, false),
];

impl Operator {
    /// Reads a name such as `ForAnyValue:StringLikeIfExists`, in any case; `None` for a name that is no operator.
    pub(crate) fn parse(name: &str) -> Option<Operator> {
        let (set, rest) = match name.split_once(':') {
            None => (SetMode::Scalar, name),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAllValues") => (SetMode::All, rest),
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case("ForAnyValue") => (SetMode::Any, rest),
            Some(_) => return None,
        };
        let (base, if_exists) = split_if_exists(rest);
        let (_, family, negated) = NAMES.iter().find(|(name, _, _)| name.eq_ignore_ascii_case(base))?;
        if if_exists && *family == Family::Null {
            return None;
        }
        Some(Operator { set, if_exists, negated: *negated, family: *family })
    }
}

fn split_if_exists(name: &str) -> (&str, bool) {
    const SUFFIX: &str = "IfExists";
    match name.split_at_checked(name.len().saturating_sub(SUFFIX.len())) {
        Some((base, suffix)) if suffix.eq_ignore_ascii_case(SUFFIX) => (base, true),
        _ => (name, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_with_prefix_and_suffix() {
        let operator = Operator::parse("ForAnyValue:StringNotLikeIfExists").unwrap();
        let expected =
            Operator { set: SetMode::Any, if_exists: true, negated: true, family: Family::TextPattern };
        assert_eq!(operator, expected);
        for (name, _, _) in NAMES {
            assert!(Operator::parse(name).is_some(), "{name}");
            assert_eq!(Operator::parse(&format!("{name}IfExists")).is_some(), *name != "Null", "{name}");
        }
        for name in [
            "",
            "StringMatches",
            "ForAnyValue::StringEquals",
            "ForSome:StringEquals",
            "StringEquals ",
            "IfExists",
        ] {
            assert!(Operator::parse(name).is_none(), "{name}");
        }
    }
}
