//! The environment: read here and nowhere else, so that what is read and what `template.yaml` declares can be compared.

use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

/// A variable that is missing or not what it should be. The function does not start.
#[derive(Debug, thiserror::Error)]
pub enum Misconfigured {
    /// Not set.
    #[error("environment variable {0} is not set")]
    Missing(String),
    /// Set to something that does not parse; the value itself stays out of the log.
    #[error("environment variable {name} is not valid: {why}")]
    Invalid {
        /// Its name.
        name: String,
        /// What the parser said.
        why: String,
    },
}

/// Variables by name, and a note of which were asked for.
#[derive(Debug, Clone)]
pub struct Env {
    variables: Arc<BTreeMap<String, String>>,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Env {
    /// The process's own.
    pub fn of_process() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
        Self::of(std::env::vars())
    }

    /// Of given variables: what the local desk reads from `template.yaml`.
    pub fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { variables: Arc::new(variables.into_iter().collect()), asked: Arc::default() }
    }

    /// A variable that may be missing; empty counts as missing.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable that must be there.
    pub fn required(&self, name: &str) -> Result<&str, Misconfigured> {
        self.optional(name).ok_or_else(|| Misconfigured::Missing(name.to_owned()))
    }

    /// A variable that must be there and parse.
    pub fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<T, Misconfigured> {
        self.required(name)?
            .parse()
            .map_err(|why: T::Err| Misconfigured::Invalid { name: name.to_owned(), why: why.to_string() })
    }

    /// The names asked for so far.
    pub fn asked(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
