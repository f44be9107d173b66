//! Entity tags (RFC 9110): the version of a registration, or of an entry of the directory.

use crate::{Code, Problem};

/// Returns the strong entity tag of a version.
pub fn etag(version: u64) -> String {
    format!("\"v{version}\"")
}

/// The condition of an `If-Match` or `If-None-Match` header.
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

    /// Checks that `version` meets the condition of an `If-Match`.
    ///
    /// # Errors
    /// 412 if it does not.
    pub fn check(&self, version: u64) -> Result<(), Problem> {
        if self.names(version) { Ok(()) } else { Err(Problem::stale()) }
    }

    fn names(&self, version: u64) -> bool {
        match self {
            Self::Any => true,
            Self::OneOf(tags) => tags.contains(&etag(version)),
        }
    }
}

/// The conditions under which a request may write what may not exist yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preconditions {
    /// `If-Match`: it has this version.
    pub(crate) matches: Option<Precondition>,
    /// `If-None-Match`: it does not have this version; with `*`, it does not exist.
    pub(crate) matches_none: Option<Precondition>,
}

impl Preconditions {
    /// Checks the conditions on the stored version; `None` if there is nothing.
    ///
    /// # Errors
    /// 412: `stale`, or `already-exists` by `If-None-Match`.
    pub fn check(&self, version: Option<u64>) -> Result<(), Problem> {
        let names = |condition: &Precondition| version.is_some_and(|version| condition.names(version));
        if self.matches.as_ref().is_some_and(|condition| !names(condition)) {
            return Err(Problem::stale());
        }
        if self.matches_none.as_ref().is_some_and(names) {
            return Err(Problem::new(Code::AlreadyExists));
        }
        Ok(())
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

    #[test]
    fn conditions_are_met_by_their_version_or_by_its_absence() {
        let given = |matches: Option<&str>, matches_none: Option<&str>| Preconditions {
            matches: matches.map(Precondition::parse),
            matches_none: matches_none.map(Precondition::parse),
        };
        let met = |given: &Preconditions| [None, Some(1), Some(2)].map(|version| given.check(version).is_ok());
        assert_eq!(met(&given(None, None)), [true, true, true]);
        assert_eq!(met(&given(Some("*"), None)), [false, true, true]);
        assert_eq!(met(&given(Some("\"v1\""), None)), [false, true, false]);
        assert_eq!(met(&given(None, Some("*"))), [true, false, false]);
        assert_eq!(met(&given(None, Some("\"v1\""))), [true, false, true]);
    }
}
