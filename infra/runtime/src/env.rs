//! The environment, read only here, so that tests can compare the variables read with those that `template.yaml`
//! declares.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

/// A variable that is missing or invalid. The function does not start.
#[derive(Debug, thiserror::Error)]
pub enum Misconfigured {
    /// Not set.
    #[error("environment variable {0} is not set")]
    Missing(String),
    /// Set to a value that does not parse. The value itself stays out of the log.
    #[error("environment variable {name} is not valid: {why}")]
    Invalid {
        /// Its name.
        name: String,
        /// The parser's message.
        why: String,
    },
}

/// The variables by name, and the names that were read.
#[derive(Debug, Clone)]
pub struct Env {
    variables: Arc<BTreeMap<String, String>>,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Env {
    /// Takes the variables of the process.
    pub fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        Self::of(std::env::vars())
    }

    /// Takes the given variables; the local desk reads them from `template.yaml`.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { variables: Arc::new(variables.into_iter().collect()), asked: Arc::default() }
    }

    /// Returns a variable that may be missing. An empty one counts as missing.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Returns a required variable.
    ///
    /// # Errors
    /// [`Misconfigured::Missing`] if it is not set or empty.
    pub fn required(&self, name: &str) -> Result<&str, Misconfigured> {
        self.optional(name).ok_or_else(|| Misconfigured::Missing(name.to_owned()))
    }

    /// Returns a required variable, parsed.
    ///
    /// # Errors
    /// [`Misconfigured::Missing`] if it is not set or empty, [`Misconfigured::Invalid`] if it does not parse.
    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, Misconfigured> {
        self.required(name)?
            .parse()
            .map_err(|why: T::Err| Misconfigured::Invalid { name: name.to_owned(), why: why.to_string() })
    }

    /// Returns the names read so far.
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
