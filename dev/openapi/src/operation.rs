//! Builds the description of one operation.

use std::collections::BTreeMap;

use edge::Code;
use serde_json::{Map, Value, json};

use crate::{
    headers, parameters,
    problems::{self, Known},
    reference,
};

/// The callers that an operation admits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Any caller, without a session.
    Anyone,
    /// Every signed-in account, also one that must enrol a second factor first.
    Holder,
    /// Patrons, librarians and the county.
    SignedIn,
    /// Librarians of the library in question, and the county.
    Staff,
    /// The county only.
    County,
}

/// An operation.
#[derive(Debug)]
pub(crate) struct Operation {
    route: &'static str,
    who: Who,
    fields: Map<String, Value>,
    parameters: Vec<Value>,
    answers: Map<String, Value>,
    problems: Vec<Code>,
}

impl Operation {
    /// Creates the operation of a route (`GET /me`) with an id for generated clients, and the problems that its callers
    /// imply.
    pub(crate) fn new(route: &'static str, id: &str, who: Who, summary: &str) -> Self {
        let fields =
            [("operationId".to_owned(), json!(id)), ("summary".to_owned(), json!(summary))].into_iter().collect();
        let of_role = match who {
            Who::Anyone => vec![],
            Who::Holder => vec![Code::NotSignedIn],
            Who::SignedIn => vec![Code::NotSignedIn, Code::SecondFactorRequired],
            Who::Staff | Who::County => vec![Code::NotSignedIn, Code::SecondFactorRequired, Code::Forbidden],
        };
        let problems = of_role.into_iter().chain([Code::InvalidParameter, Code::Internal]).collect();
        Self { route, who, fields, parameters: Vec::new(), answers: Map::new(), problems }
    }

    /// Adds a description.
    pub(crate) fn says(mut self, description: &str) -> Self {
        self.fields.insert("description".to_owned(), json!(description));
        self
    }

    /// Adds a tag.
    pub(crate) fn tagged(mut self, tag: &str) -> Self {
        self.fields.insert("tags".to_owned(), json!([tag]));
        self
    }

    /// Adds parameters, by their names in `parameters`.
    pub(crate) fn takes(mut self, names: &[&str]) -> Self {
        self.parameters.extend(names.iter().map(|name| parameters::of(name)));
        self
    }

    /// Adds a form as the body, in any of these media types, and the problems of unreadable forms.
    pub(crate) fn reads(mut self, form: &str, media_types: &[&str], example: &Value) -> Self {
        let content = json!({ "schema": reference::schema(form), "example": example });
        let content: Map<String, Value> =
            media_types.iter().map(|media_type| ((*media_type).to_owned(), content.clone())).collect();
        self.fields.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
        self.refuses(&[Code::MalformedJson, Code::TooLarge, Code::UnsupportedMediaType, Code::InvalidFields])
    }

    /// Adds an answer in JSON.
    pub(crate) fn answers(
        self,
        status: u16,
        description: &str,
        schema: &str,
        example: &Value,
        headers: &[&str],
    ) -> Self {
        let content = json!({ "application/json": { "schema": reference::schema(schema), "example": example } });
        self.answers_with(status, description, Some(content), headers)
    }

    /// Adds an answer of any content, or of none.
    pub(crate) fn answers_with(
        mut self,
        status: u16,
        description: &str,
        content: Option<Value>,
        headers: &[&str],
    ) -> Self {
        let mut answer = json!({ "description": description });
        if !headers.is_empty() {
            let headers: Map<String, Value> =
                headers.iter().map(|name| ((*name).to_owned(), headers::of(name))).collect();
            answer["headers"] = headers.into();
        }
        if let Some(content) = content {
            answer["content"] = content;
        }
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// Adds links from an answer to follow-up operations, each with its parameters.
    pub(crate) fn leads_to(mut self, status: u16, links: &[(&str, Value)]) -> Self {
        let link = |(operation, parameters): &(&str, Value)| {
            ((*operation).to_owned(), json!({ "operationId": operation, "parameters": parameters }))
        };
        let links: Map<String, Value> = links.iter().map(link).collect();
        self.answers[&status.to_string()]["links"] = links.into();
        self
    }

    /// Adds problems, by their codes.
    pub(crate) fn refuses(mut self, codes: &[Code]) -> Self {
        self.problems.extend(codes);
        self
    }

    /// Returns the method and path.
    pub(crate) fn place(&self) -> (&'static str, &'static str) {
        self.route.split_once(' ').unwrap_or(("", self.route))
    }

    /// Returns the OpenAPI object. Problems that share a status become one answer.
    pub(crate) fn described(self, known: &[Known]) -> Value {
        let Self { mut fields, parameters, mut answers, .. } = self;
        let mut by_status = BTreeMap::<u16, Vec<&Known>>::new();
        for problem in known.iter().filter(|problem| self.problems.contains(&problem.code)) {
            by_status.entry(problem.status).or_default().push(problem);
        }
        for (status, problems) in by_status {
            let answer = match &problems[..] {
                [one] => json!({ "$ref": format!("#/components/responses/{}", one.code.as_str()) }),
                several => problems::response(several),
            };
            answers.insert(status.to_string(), answer);
        }
        fields.insert("responses".to_owned(), answers.into());
        if !parameters.is_empty() {
            fields.insert("parameters".to_owned(), parameters.into());
        }
        if self.who == Who::Anyone {
            fields.insert("security".to_owned(), json!([]));
        }
        fields.into()
    }
}
