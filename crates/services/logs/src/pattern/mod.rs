//! Filter patterns: which messages FilterLogEvents shows (CloudWatch Logs user guide, "Filter pattern syntax").
//!
//! Terms and JSON patterns are read whole. The third form, `[a, b, c]` for fields between blanks, is refused by name.

mod json;
mod json_parser;
mod regex;
mod terms;

use crate::error::LogsError;

/// A filter pattern.
pub(crate) enum Pattern {
    /// The empty pattern.
    Everything,
    /// `ERROR "two words" ?this ?that -without %regex%`.
    Terms(terms::Terms),
    /// `{ $.level = "ERROR" }`.
    Json(json::Condition),
}

impl Pattern {
    /// Reads a pattern.
    pub(crate) fn parse(text: &str) -> Result<Self, LogsError> {
        let text = text.trim();
        match text.as_bytes().first() {
            None => Ok(Pattern::Everything),
            Some(b'{') => json_parser::parse(text).map(Pattern::Json),
            Some(b'[') => Err(LogsError::not_built("A filter pattern for space-delimited fields ([...])")),
            Some(_) => terms::Terms::parse(text).map(Pattern::Terms),
        }
    }

    /// Whether a message matches.
    pub(crate) fn matches(&self, message: &str) -> bool {
        match self {
            Pattern::Everything => true,
            Pattern::Terms(terms) => terms.matches(message),
            Pattern::Json(condition) => {
                serde_json::from_str(message).is_ok_and(|event| condition.matches(&event))
            }
        }
    }
}

/// AWS's words for a character that a term cannot have.
fn bad_character(character: char) -> LogsError {
    LogsError::invalid(format!("Invalid character(s) in term '{character}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, message: &str) -> bool {
        Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(message)
    }

    #[test]
    fn terms_match_as_documented() {
        let cases = [
            ("", "anything", true),
            ("ERROR", "[ERROR] 400 BAD REQUEST", true),
            ("ERROR", "error", false),
            ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true),
            ("ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED", false),
            ("?ERROR ?ARGUMENTS", "MISSING ARGUMENTS", true),
            ("?ERROR ?ARGUMENTS", "INFO", false),
            (r#""INTERNAL SERVER ERROR""#, "500 INTERNAL SERVER ERROR", true),
            (r#""INTERNAL SERVER ERROR""#, "INTERNAL ERROR SERVER", false),
            ("ERROR -ARGUMENTS", "[ERROR 401] UNAUTHORIZED", true),
            ("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false),
            (r#"-"two words""#, "two words", false),
            ("-x", "abc", true),
            (r#"?"a b" ?c"#, "a b", true),
            (r#""say \"hi\"""#, r#"they say "hi""#, true),
            ("%AUTHORIZED%", "UNAUTHORIZED REQUEST", true),
            (r"%\d{3}%", "code 401", true),
            (r"%\d{3}%", "code 40", false),
        ];
        for (pattern, message, expected) in cases {
            assert_eq!(matches(pattern, message), expected, "{pattern} on {message}");
        }
    }

    #[test]
    fn optional_terms_beside_others_do_not_restrict() {
        // The user guide: with a mandatory term the optional ones have no effect on what is found.
        assert!(matches("ERROR ?x", "ERROR"));
        assert!(!matches("ERROR ?x", "x"));
    }

    #[test]
    fn json_patterns_match_as_documented() {
        let event = r#"{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another"],
            "objectList":[{"name":"a","id":1},{"name":"b","id":2}],"user":{"id":2,"e.mail":"x"},"flag":true,
            "nothing":null,"bandwidth":75}"#;
        let cases = [
            (r#"{ $.eventType = "UpdateTrail" }"#, true),
            (r#"{ $.eventType = UpdateTrail }"#, true),
            (r#"{ $.eventType = "updatetrail" }"#, false),
            (r#"{ $.sourceIPAddress != 123.123.* }"#, true),
            (r#"{ $.sourceIPAddress = 111.111.* }"#, true),
            (r#"{ $.sourceIPAddress != 111.111.* }"#, false),
            (r#"{ $.arrayKey[0] = "value" }"#, true),
            (r#"{ $.arrayKey[1] = "value" }"#, false),
            (r#"{ $.arrayKey[*] = "another" }"#, true),
            (r#"{ $.objectList[1].id = 2 }"#, true),
            (r#"{ $.bandwidth > 74.5 }"#, true),
            (r#"{ $.bandwidth >= 75 && $.bandwidth < 76 }"#, true),
            (r#"{ $.bandwidth < 75 || $.flag IS FALSE }"#, false),
            (r#"{ $.flag IS TRUE }"#, true),
            (r#"{ $.nothing IS NULL }"#, true),
            (r#"{ $.eventType IS NULL }"#, false),
            (r#"{ $.missing NOT EXISTS }"#, true),
            (r#"{ $.eventType NOT EXISTS }"#, false),
            (r#"{ $.bandwidth = 7* }"#, true),
            (r#"{ $.user = * }"#, true),
            (r#"{ $.missing = * }"#, false),
            (r#"{ $.missing = "x" }"#, false),
            (r#"{ $.missing != "x" }"#, false),
            (r#"{ $.eventType = %Trail$% }"#, true),
            (r#"{ $['user']['e.mail'] = "x" }"#, true),
            (r#"{ ($.user.id = 1) || (($.user.id = 2) && ($.eventType = "Update*")) }"#, true),
            (r#"{ $.user.id = 1 || $.user.id = 2 && $.flag IS FALSE }"#, false),
        ];
        for (pattern, expected) in cases {
            assert_eq!(matches(pattern, event), expected, "{pattern}");
        }
        assert!(!matches(r#"{ $.a = 1 }"#, "not json"));
    }

    #[test]
    fn what_cannot_be_read_is_refused_and_named() {
        let cases = [
            ("[a, b]", "not supported"),
            ("a(b", "Invalid character(s) in term '('"),
            ("a:b", "Invalid character(s) in term ':'"),
            ("\"open", "Invalid filter pattern"),
            ("%a(b)%", "Invalid filter pattern"),
            ("%open", "Invalid filter pattern"),
            ("{ $.a }", "Invalid filter pattern"),
            ("{ $.a = }", "Invalid filter pattern"),
            ("{ $.a = 1", "Invalid filter pattern"),
            ("{ $.a = 1 } x", "Invalid filter pattern"),
            ("{ ($.a = 1 }", "Invalid filter pattern"),
            ("{ $.a > x }", "Invalid filter pattern"),
        ];
        for (pattern, words) in cases {
            let error =
                Pattern::parse(pattern).err().unwrap_or_else(|| panic!("{pattern} was read")).to_string();
            assert!(error.contains(words), "{pattern}: {error}");
        }
        let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(500), ")".repeat(500));
        assert!(Pattern::parse(&deep).is_err());
    }
}
