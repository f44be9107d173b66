//! Reads `template.yaml`, the single source of routes, table, environments and schedules, for the local desk and the
//! tests.

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

/// The template that is compiled in.
const BUILT_IN: &str = include_str!("../../../template.yaml");

/// Reports why a template can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file can't be read.
    #[error("the template can't be read: {0}")]
    File(#[from] std::io::Error),
    /// The text is not YAML.
    #[error("the template is not YAML: {0}")]
    Yaml(#[from] serde_yaml_ng::Error),
    /// A pattern or another value is not the expected JSON.
    #[error("the template contains invalid JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The YAML is not a valid template.
    #[error("the template is malformed: {0}")]
    Malformed(String),
    /// Something that the local desk needs is missing.
    #[error("the template lacks {0}")]
    Missing(String),
    /// A reference has no target.
    #[error("the template refers to {0}, which it does not define")]
    Unresolvable(String),
    /// A parameter has neither a default nor a given value.
    #[error("the template's parameter {0} has no default, and no value was given")]
    NoValue(String),
    /// A value was given for a parameter that does not exist.
    #[error("the template has no parameter {0}")]
    NoParameter(String),
    /// The local desk does not support a part of the template.
    #[error("the local desk does not support this part of the template: {0}")]
    Unsupported(String),
}

/// A template, expanded, whose references all have a target.
#[derive(Debug, Clone)]
pub struct Template {
    document: Arc<Value>,
}

impl Template {
    /// Returns the template that is compiled in.
    ///
    /// # Errors
    /// As of [`Template::parse`].
    pub fn built_in() -> Result<Self, Error> {
        // Parsed once per process: every story starts a local desk, and parsing would be its slowest part.
        static PARSED: OnceLock<Template> = OnceLock::new();
        if let Some(parsed) = PARSED.get() {
            return Ok(parsed.clone());
        }
        let parsed = Self::parse(BUILT_IN)?;
        Ok(PARSED.get_or_init(|| parsed).clone())
    }

    /// Reads a template from a file.
    ///
    /// # Errors
    /// [`Error::File`], or as of [`Template::parse`].
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&std::fs::read_to_string(path)?)
    }

    /// Parses a template.
    ///
    /// # Errors
    /// [`Error`] if it is malformed or refers to something that it does not define.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let document = expand::expand(source::long_form(text)?)?;
        references::check(&document)?;
        Ok(Self { document: Arc::new(document) })
    }

    /// Returns the whole document in long form (`{"Ref": …}`, `{"Fn::Sub": …}`), with loops expanded and Globals copied
    /// into the functions.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Checks that a parameter of this name exists.
    ///
    /// # Errors
    /// [`Error::NoParameter`] if it does not.
    pub fn parameter(&self, name: &str) -> Result<(), Error> {
        let known = self.document["Parameters"].get(name);
        known.map(drop).ok_or_else(|| Error::NoParameter(name.to_owned()))
    }

    /// Resolves all references, with the given parameters and else their defaults.
    ///
    /// # Errors
    /// [`Error`] if a parameter has no value, or the template lacks or uses something unexpectedly.
    pub fn resolve(&self, parameters: &BTreeMap<String, String>) -> Result<Stack, Error> {
        stack::read(&self.document, parameters)
    }
}

#[cfg(test)]
mod tests;
