//! Entity tags (RFC 9110): the version of a registration.

use crate::Problem;

/// Returns the strong entity tag of a version.
pub fn etag(version: u64) -> String {
    format!("\"v{version}\"")
}

/// The condition of an `If-Match` header.
///
/// ```
/// use edge::{Precondition, etag};
///
/// let precondition = Precondition::OneOf(vec![etag(3)]);
/// assert!(precondition.check(3).is_ok());
/// assert!(precondition.check(4).is_err(), "412: the record has changed");
/// assert!(Precondition::Any.check(4).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// `*`: any version.
    Any,
    /// One of these tags, compared strongly: a weak tag never matches.
    OneOf(Vec<String>),
}

impl Precondition {
    pub(crate) fn parse(header: &str) -> Self {
        match header.trim() {
            "*" => Self::Any,
            tags => Self::OneOf(tags.split(',').map(|tag| tag.trim().to_owned()).collect()),
        }
    }

    /// Checks that `version` meets the condition.
    ///
    /// # Errors
    /// 412 if it does not.
    pub fn check(&self, version: u64) -> Result<(), Problem> {
        match self {
            Self::OneOf(tags) if !tags.contains(&etag(version)) => Err(Problem::stale()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_strongly() {
        let parse = Precondition::parse;
        assert_eq!(parse(" * "), Precondition::Any);
        assert_eq!(parse("\"v1\", \"v2\""), Precondition::OneOf(vec!["\"v1\"".into(), "\"v2\"".into()]));
        assert_ne!(parse("W/\"v1\""), Precondition::OneOf(vec![etag(1)]));
    }
}
