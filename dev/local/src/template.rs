//! `template.yaml`, the one source of routes, table, environment and schedules, as the portal and the tests read it.

mod expand;
mod references;
mod resolve;
mod source;
mod stack;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, OnceLock},
};

use serde_json::Value;

pub(crate) use resolve::REGION;
pub use stack::{Bucket, Cors, Function, Route, Schedule, Stack, Subscription, Table, binary};

/// The template that this portal was built with.
const BUILT_IN: &str = include_str!("../../../template.yaml");

/// A template that can't be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file.
    #[error("the template can't be read: {0}")]
    File(#[from] std::io::Error),
    /// Not YAML.
    #[error("the template is not YAML: {0}")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// A pattern that is not JSON.
    #[error("the template holds something that is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// YAML that no template is.
    #[error("the template holds {0}")]
    Malformed(String),
    /// Something that the portal needs is not there.
    #[error("the template lacks {0}")]
    Missing(String),
    /// A reference to nothing.
    #[error("the template refers to {0}, which it does not define")]
    Unresolvable(String),
    /// A parameter without a default, and nothing given.
    #[error("the template's parameter {0} has no default, and no value was given")]
    NoValue(String),
    /// A value for a parameter that it does not have.
    #[error("the template has no parameter {0}")]
    NoParameter(String),
    /// Something that the portal does not know how to follow.
    #[error("the portal does not understand this in the template: {0}")]
    Unsupported(String),
}

/// A template whose references all lead somewhere.
#[derive(Debug, Clone)]
pub struct Template {
    document: Arc<Value>,
}

impl Template {
    /// The one that was compiled in.
    pub fn built_in() -> Result<Self, Error> {
        // Every story starts a local desk, and reading the template is the longest part of it.
        static PARSED: OnceLock<Template> = OnceLock::new();
        if let Some(parsed) = PARSED.get() {
            return Ok(parsed.clone());
        }
        let parsed = Self::parse(BUILT_IN)?;
        Ok(PARSED.get_or_init(|| parsed).clone())
    }

    /// From a file.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&std::fs::read_to_string(path)?)
    }

    /// From a text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document = expand::expand(source::long_form(text)?)?;
        references::check(&document)?;
        Ok(Self { document: Arc::new(document) })
    }

    /// The whole document in long form (`{"Ref": …}`, `{"Fn::Sub": …}`), with its loops expanded and Globals copied into
    /// the functions.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Whether it has a parameter of this name.
    ///
    /// # Errors
    /// [`Error::NoParameter`] when it has none.
    pub fn parameter(&self, name: &str) -> Result<(), Error> {
        let known = self.document["Parameters"].get(name);
        known.map(drop).ok_or_else(|| Error::NoParameter(name.to_owned()))
    }

    /// Table and functions, with the parameters given here, or else their defaults.
    pub fn resolve(&self, parameters: &BTreeMap<String, String>) -> Result<Stack, Error> {
        stack::read(&self.document, parameters)
    }
}

#[cfg(test)]
mod tests;
