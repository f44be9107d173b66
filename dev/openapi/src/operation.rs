//! One operation, as its file in `operations` tells it.

use std::collections::BTreeMap;

use edge::Code;
use serde_json::{Map, Value, json};

use crate::{
    headers, parameters,
    problems::{self, Known},
    reference,
};

/// Who may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// Nobody in particular.
    Anyone,
    /// Patrons, librarians, the county.
    SignedIn,
    /// Librarians of the library in question, and the county.
    Staff,
    /// The county alone.
    County,
}

/// An operation.
#[derive(Debug)]
pub(crate) struct Operation {
    route: &'static str,
    who: Who,
    told: Map<String, Value>,
    parameters: Vec<Value>,
    answers: Map<String, Value>,
    problems: Vec<Code>,
}

impl Operation {
    /// Of a route (`GET /me`), with its name for clients' code, for `who`.
    pub(crate) fn new(route: &'static str, id: &str, who: Who, summary: &str) -> Self {
        let told =
            [("operationId".to_owned(), json!(id)), ("summary".to_owned(), json!(summary))].into_iter().collect();
        let of_role = match who {
            Who::Anyone => vec![],
            Who::SignedIn => vec![Code::NotSignedIn],
            Who::Staff | Who::County => vec![Code::NotSignedIn, Code::Forbidden],
        };
        let problems = of_role.into_iter().chain([Code::Internal]).collect();
        Self { route, who, told, parameters: Vec::new(), answers: Map::new(), problems }
    }

    /// With more than a summary.
    pub(crate) fn says(mut self, description: &str) -> Self {
        self.told.insert("description".to_owned(), json!(description));
        self
    }

    /// Under a tag.
    pub(crate) fn tagged(mut self, tag: &str) -> Self {
        self.told.insert("tags".to_owned(), json!([tag]));
        self
    }

    /// With parameters, by their names in `parameters`.
    pub(crate) fn takes(mut self, names: &[&str]) -> Self {
        self.parameters.extend(names.iter().map(|name| parameters::of(name)));
        self
    }

    /// With a form as its body, of any of these media types.
    pub(crate) fn reads(mut self, form: &str, media_types: &[&str], example: &Value) -> Self {
        let content = json!({ "schema": reference::schema(form), "example": example });
        let content: Map<String, Value> =
            media_types.iter().map(|media_type| ((*media_type).to_owned(), content.clone())).collect();
        self.told.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
        self.refuses(&[Code::MalformedJson, Code::TooLarge, Code::UnsupportedMediaType, Code::InvalidFields])
    }

    /// With an answer in JSON.
    pub(crate) fn answers(self, status: u16, what: &str, schema: &str, example: &Value, told_in: &[&str]) -> Self {
        let content = json!({ "application/json": { "schema": reference::schema(schema), "example": example } });
        self.answers_with(status, what, Some(content), told_in)
    }

    /// With an answer of any content, or of none.
    pub(crate) fn answers_with(mut self, status: u16, what: &str, content: Option<Value>, told_in: &[&str]) -> Self {
        let mut answer = json!({ "description": what });
        if !told_in.is_empty() {
            let told: Map<String, Value> = told_in.iter().map(|name| ((*name).to_owned(), headers::of(name))).collect();
            answer["headers"] = told.into();
        }
        if let Some(content) = content {
            answer["content"] = content;
        }
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// With links from an answer to what can be done next: the operation and its parameters.
    pub(crate) fn leads_to(mut self, status: u16, links: &[(&str, Value)]) -> Self {
        let link = |(operation, parameters): &(&str, Value)| {
            ((*operation).to_owned(), json!({ "operationId": operation, "parameters": parameters }))
        };
        let links: Map<String, Value> = links.iter().map(link).collect();
        self.answers[&status.to_string()]["links"] = links.into();
        self
    }

    /// With problems, by their codes.
    pub(crate) fn refuses(mut self, codes: &[Code]) -> Self {
        self.problems.extend(codes);
        self
    }

    /// Its method and path.
    pub(crate) fn place(&self) -> (&'static str, &'static str) {
        self.route.split_once(' ').unwrap_or(("", self.route))
    }

    /// As OpenAPI tells it.
    pub(crate) fn described(self, known: &[Known]) -> Value {
        let Self { mut told, parameters, mut answers, .. } = self;
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
        told.insert("responses".to_owned(), answers.into());
        if !parameters.is_empty() {
            told.insert("parameters".to_owned(), parameters.into());
        }
        if self.who == Who::Anyone {
            told.insert("security".to_owned(), json!([]));
        }
        told.into()
    }
}
