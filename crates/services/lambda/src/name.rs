//! The names by which callers mean functions and layers, parsed once: what is authorised is what is then looked up.

use std::fmt;

use rolecall_arn::{AccountId, Arn, Region};
use rolecall_store::State;

use crate::error::LambdaError;
use crate::function::version_number;

/// A record's key: account, region, name.
pub(crate) type Key = (AccountId, Region, String);

/// `$LATEST`, a version number or an alias, as the caller wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Qualifier(String);

/// The qualifier of the version that changes.
pub(crate) const LATEST: &str = "$LATEST";

impl Qualifier {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `$LATEST`.
    pub(crate) fn is_latest(&self) -> bool {
        self.0 == LATEST
    }

    /// Whether it can only be an alias: aliases are never all digits (reference lambda.md 1.2-5).
    pub(crate) fn is_alias(&self) -> bool {
        !self.0.contains('$') && !self.is_number()
    }

    /// The number of the version that it names; 0 for `$LATEST`, none for an alias or a number that AWS would write
    /// differently.
    pub(crate) fn version(&self) -> Option<u64> {
        version_number(&self.0)
    }

    fn is_number(&self) -> bool {
        self.0.bytes().all(|byte| byte.is_ascii_digit())
    }
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A function as a caller means it (reference lambda.md 1.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionReference {
    /// The account, the caller's own where none was written.
    pub(crate) account: AccountId,
    /// The region.
    pub(crate) region: Region,
    /// The bare name.
    pub(crate) name: String,
    /// The qualifier of the name or of the `Qualifier` parameter.
    pub(crate) qualifier: Option<Qualifier>,
}

/// Where a bare name is at home: the caller's account and the region that is called.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    /// The account; none for a caller without one, who must write whole ARNs.
    pub(crate) account: Option<AccountId>,
    /// The region.
    pub(crate) region: Region,
}

impl Home {
    /// The account that is written, or else the caller's own.
    pub(crate) fn account(&self, written: Option<AccountId>) -> Result<AccountId, LambdaError> {
        let nobody = "A caller without an account must name functions and layers by their ARNs.";
        written.or(self.account).ok_or_else(|| LambdaError::InvalidParameter(nobody.to_owned()))
    }
}

impl FunctionReference {
    /// Reads a name, partial ARN or ARN, with the `Qualifier` parameter if there is one.
    ///
    /// # Errors
    /// AWS's refusals of reference lambda.md 1.2: two qualifiers that differ, another region, a name that is too long.
    pub(crate) fn parse(text: &str, qualifier: Option<&str>, home: &Home) -> Result<Self, LambdaError> {
        let mut rest = text;
        if let Some((partition, after)) = text.strip_prefix("arn:").and_then(|arn| arn.split_once(":lambda:"))
        {
            if partition != rolecall_arn::PARTITION {
                return Err(LambdaError::NotFound(format!("Function not found: {text}")));
            }
            rest = after;
        }
        let region =
            take(&mut rest, |part| part.parse::<Region>().ok()).unwrap_or_else(|| home.region.clone());
        let account = home.account(take(&mut rest, |part| part.parse().ok()))?;
        take(&mut rest, |part| (part == "function").then_some(()));
        let (name, in_name) = match rest.split_once(':') {
            Some((name, qualifier)) => (name, Some(qualifier)),
            None => (rest, None),
        };
        if region != home.region {
            return Err(unreachable_region(&region, &home.region));
        }
        if name.len() > 64 {
            return Err(too_long(name));
        }
        let qualifier = match (in_name, qualifier) {
            (Some(in_name), Some(parameter)) if in_name != parameter => return Err(mismatch()),
            (in_name, parameter) => in_name.or(parameter).map(|text| Qualifier(text.to_owned())),
        };
        Ok(FunctionReference { account, region, name: name.to_owned(), qualifier })
    }

    /// The reference to what is already known by its key.
    pub(crate) fn of(key: &Key, qualifier: Option<&str>) -> Self {
        let qualifier = qualifier.map(|text| Qualifier(text.to_owned()));
        FunctionReference { account: key.0, region: key.1.clone(), name: key.2.clone(), qualifier }
    }

    /// The function itself, whatever the qualifier.
    pub(crate) fn unqualified(&self) -> Self {
        FunctionReference { qualifier: None, ..self.clone() }
    }

    /// The function's key.
    pub(crate) fn key(&self) -> Key {
        (self.account, self.region.clone(), self.name.clone())
    }

    /// The ARN as requested: with the qualifier if there is one (rule FQ of reference lambda.md 1.4).
    pub(crate) fn arn(&self) -> Arn {
        function_arn(&self.key(), self.qualifier.as_ref().map(Qualifier::as_str))
    }

    /// The function's own ARN.
    pub(crate) fn unqualified_arn(&self) -> Arn {
        function_arn(&self.key(), None)
    }

    /// The qualifier's text, empty where there is none: the key of its policy.
    pub(crate) fn qualifier_text(&self) -> &str {
        self.qualifier.as_ref().map_or("", Qualifier::as_str)
    }
}

/// `arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`
pub(crate) fn function_arn(key: &Key, qualifier: Option<&str>) -> Arn {
    let (account, region, name) = key;
    let resource = match qualifier {
        Some(qualifier) => format!("function:{name}:{qualifier}"),
        None => format!("function:{name}"),
    };
    Arn::regional("lambda", region, *account, &resource)
}

/// `$LATEST` for number 0, else the number.
pub(crate) fn version_text(version: u64) -> String {
    if version == 0 { LATEST.to_owned() } else { version.to_string() }
}

/// `Function not found: ARN`, AWS's answer for functions, versions and (mostly) aliases alike.
pub(crate) fn function_not_found(arn: &Arn) -> LambdaError {
    LambdaError::NotFound(format!("Function not found: {arn}"))
}

/// Whether the function, version or alias that is named exists.
pub(crate) fn exists(reference: &FunctionReference, state: &State) -> bool {
    let key = reference.key();
    match &reference.qualifier {
        None => state.functions.contains(&key),
        Some(qualifier) => match qualifier.version() {
            Some(version) => state.function_versions.contains(&(key, version)),
            None => state.aliases.contains(&(key, qualifier.to_string())),
        },
    }
}

/// A layer or layer version as a caller means it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LayerReference {
    /// The account.
    pub(crate) account: AccountId,
    /// The region.
    pub(crate) region: Region,
    /// The bare name.
    pub(crate) name: String,
}

impl LayerReference {
    /// Reads a layer's name or ARN.
    ///
    /// # Errors
    /// [`LambdaError::NotFound`] for a layer of another region, in the words used for functions.
    pub(crate) fn parse(text: &str, home: &Home) -> Result<Self, LambdaError> {
        let Ok(arn) = text.parse::<Arn>() else {
            let account = home.account(None)?;
            return Ok(LayerReference { account, region: home.region.clone(), name: text.to_owned() });
        };
        let name = arn.resource().strip_prefix("layer:").filter(|name| !name.contains(':'));
        let parts = (arn.region().parse(), arn.account_id(), name);
        let (Ok(region), Some(account), Some(name)) = parts else { return Err(not_a_layer(text)) };
        if region != home.region {
            return Err(LambdaError::NotFound(format!(
                "Layers from '{region}' are not reachable in this region ('{}')",
                home.region
            )));
        }
        Ok(LayerReference { account, region, name: name.to_owned() })
    }

    /// Reads the ARN of a layer version, of whatever region. The model lets through other spellings of the same version,
    /// like `layer:l:01` or another partition; none is taken, as `lambda:Layer` has the ARN as it is written and a policy
    /// that forbids a layer must not miss it.
    ///
    /// # Errors
    /// [`LambdaError::InvalidParameter`] where it is not one.
    pub(crate) fn parse_version(text: &str) -> Result<(Self, u64), LambdaError> {
        let arn: Arn = text.parse().map_err(|_| not_a_layer(text))?;
        let named = arn.resource().strip_prefix("layer:").and_then(|rest| rest.split_once(':'));
        let parts = (arn.region().parse(), arn.account_id(), named);
        let (Ok(region), Some(account), Some((name, version))) = parts else { return Err(not_a_layer(text)) };
        let version: u64 = version.parse().map_err(|_| not_a_layer(text))?;
        let layer = LayerReference { account, region, name: name.to_owned() };
        if layer.version_arn(version).as_str() == text {
            Ok((layer, version))
        } else {
            Err(not_a_layer(text))
        }
    }

    /// The layer's key.
    pub(crate) fn key(&self) -> Key {
        (self.account, self.region.clone(), self.name.clone())
    }

    /// `arn:aws:lambda:REGION:ACCOUNT:layer:NAME`
    pub(crate) fn arn(&self) -> Arn {
        Arn::regional("lambda", &self.region, self.account, &format!("layer:{}", self.name))
    }

    /// `arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION`
    pub(crate) fn version_arn(&self, version: impl fmt::Display) -> Arn {
        Arn::regional("lambda", &self.region, self.account, &format!("layer:{}:{version}", self.name))
    }
}

/// Takes the part before the next colon where `read` makes something of it, as the model's pattern reads it: a part
/// without a colon after it is always the name.
fn take<T>(rest: &mut &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let (part, after) = rest.split_once(':')?;
    let value = read(part)?;
    *rest = after;
    Some(value)
}

fn not_a_layer(text: &str) -> LambdaError {
    LambdaError::InvalidParameter(format!("'{text}' is not the ARN of a layer version."))
}

fn mismatch() -> LambdaError {
    let text = "The derived qualifier from the function name does not match the specified qualifier.";
    LambdaError::InvalidParameter(text.to_owned())
}

fn unreachable_region(region: &Region, home: &Region) -> LambdaError {
    LambdaError::NotFound(format!("Functions from '{region}' are not reachable in this region ('{home}')"))
}

fn too_long(name: &str) -> LambdaError {
    LambdaError::InvalidParameter(format!(
        "1 validation error detected: Value '{name}' at 'functionName' failed to satisfy constraint: Member must \
         have length less than or equal to 64"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> Home {
        Home { account: Some(AccountId::from_number(1)), region: "eu-west-1".parse().unwrap() }
    }

    fn arn_of(text: &str, qualifier: Option<&str>) -> String {
        FunctionReference::parse(text, qualifier, &home()).unwrap().arn().to_string()
    }

    #[test]
    fn every_form_of_a_name_means_the_same_function() {
        let plain = "arn:aws:lambda:eu-west-1:000000000001:function:f";
        for text in ["f", "function:f", "000000000001:function:f", "000000000001:f", plain] {
            assert_eq!(arn_of(text, None), plain, "{text}");
            assert_eq!(arn_of(&format!("{text}:live"), None), format!("{plain}:live"), "{text}:live");
            assert_eq!(arn_of(text, Some("$LATEST")), format!("{plain}:$LATEST"), "{text}");
        }
        assert_eq!(arn_of("f:7", Some("7")), format!("{plain}:7"));
        let foreign = "arn:aws:lambda:eu-west-1:000000000002:function:f";
        assert_eq!(arn_of("000000000002:function:f", None), foreign);
    }

    #[test]
    fn what_cannot_be_meant_is_refused_in_awss_words() {
        let error = |text: &str, qualifier| {
            FunctionReference::parse(text, qualifier, &home()).unwrap_err().to_string()
        };
        assert_eq!(
            error("f:live", Some("7")),
            "The derived qualifier from the function name does not match the specified qualifier."
        );
        assert_eq!(
            error("arn:aws:lambda:us-east-1:000000000001:function:f", None),
            "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')"
        );
        let long = "a".repeat(65);
        assert!(error(&long, None).ends_with("Member must have length less than or equal to 64"));
    }

    #[test]
    fn a_qualifier_of_digits_is_a_version_and_never_an_alias() {
        let qualifier = |text: &str| Qualifier(text.to_owned());
        assert_eq!(qualifier("$LATEST").version(), Some(0));
        assert_eq!(qualifier("12").version(), Some(12));
        for text in ["live", "0", "007", "99999999999999999999999", "$LATEST.PUBLISHED"] {
            assert_eq!(qualifier(text).version(), None, "{text}");
        }
        assert!(qualifier("live").is_alias() && !qualifier("007").is_alias() && !qualifier("a$").is_alias());
    }

    #[test]
    fn layers_are_read_with_and_without_a_version() {
        let layer = LayerReference::parse("arn:aws:lambda:eu-west-1:000000000002:layer:l", &home()).unwrap();
        assert_eq!(layer.version_arn(3).as_str(), "arn:aws:lambda:eu-west-1:000000000002:layer:l:3");
        assert_eq!(LayerReference::parse_version(layer.version_arn(3).as_str()).unwrap(), (layer, 3));
        for wrong in [
            "arn:aws:lambda:eu-west-1:000000000002:layer:l",
            "arn:aws:lambda:eu-west-1:000000000002:layer:l:03",
            "arn:aws-cn:lambda:eu-west-1:000000000002:layer:l:3",
            "arn:aws:s3:eu-west-1:000000000002:layer:l:3",
        ] {
            assert!(LayerReference::parse_version(wrong).is_err(), "{wrong}");
        }
    }
}
