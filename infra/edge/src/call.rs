//! A request as an endpoint sees it.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::calendar::day_in_paris;
use jiff::{Timestamp, civil::Date};
use lambda_http::{
    Request, RequestExt,
    aws_lambda_events::apigw::ApiGatewayV2httpRequestContext,
    http::{HeaderName, header},
    request::RequestContext,
};
use runtime::Secret;

use crate::{Code, Form, Precondition, Preconditions, Problem, body, routes};

/// The greatest size of a body, in bytes: 64 KB. The largest form has about a hundredth of it.
const MAX_BODY: usize = 64 * 1024;

/// Rows of a page: default and maximum.
const LIMIT: (usize, usize) = (50, 100);

/// A request, with the route and the parameters that the gateway found.
#[derive(Debug)]
pub struct Call {
    request: Request,
    route: String,
    now: Timestamp,
    today: Date,
    signed_in: AtomicBool,
}

impl Call {
    pub(crate) fn new(request: Request, now: Timestamp) -> Self {
        let route = context(&request).and_then(|context| context.route_key.clone()).unwrap_or_default();
        // `cargo lambda watch` does its own routing, and gives every request the gateway's catch-all as its route.
        let watched = || routes::key(request.method().as_str(), request.raw_http_path());
        let route = if route == routes::DEFAULT { watched().unwrap_or(route) } else { route };
        Self { request, route, now, today: day_in_paris(now), signed_in: AtomicBool::new(false) }
    }

    /// Returns the route as `template.yaml` writes it: `GET /registrations/{id}`.
    pub fn route(&self) -> &str {
        &self.route
    }

    /// Returns the instant of arrival. Everything that is decided, written and answered for this call uses this
    /// instant, so that no later code reads the clock again.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the civil date in Europe/Paris at the instant of arrival.
    pub fn today(&self) -> Date {
        self.today
    }

    /// Returns the request's method.
    pub fn method(&self) -> &str {
        self.request.method().as_str()
    }

    /// Returns the request's path.
    pub fn path(&self) -> &str {
        self.request.raw_http_path()
    }

    /// Returns the id of this request in the log.
    pub(crate) fn request_id(&self) -> String {
        context(&self.request).and_then(|context| context.request_id.clone()).unwrap_or_default()
    }

    /// Returns the client's IP address as the gateway saw it. Headers that claim another one are ignored.
    pub fn source_ip(&self) -> &str {
        context(&self.request).and_then(|context| context.http.source_ip.as_deref()).unwrap_or_default()
    }

    /// Names the account and the network of the call in its span, so that each of its log lines has both: the account's
    /// pseudonym, and a keyed digest of the network address (requirements S6). `signed_in` says that the account has
    /// proved who it is.
    pub fn identify(&self, account: &str, network: Option<&str>, signed_in: bool) {
        let span = tracing::Span::current();
        span.record("account", account);
        if let Some(network) = network {
            span.record("network", network);
        }
        self.signed_in.store(signed_in, Ordering::Relaxed);
    }

    pub(crate) fn is_signed_in(&self) -> bool {
        self.signed_in.load(Ordering::Relaxed)
    }

    /// Returns a variable of the path, percent-decoded.
    ///
    /// # Errors
    /// 404 if the route has no such variable.
    pub fn path_variable(&self, name: &str) -> Result<String, Problem> {
        let variables = self.request.path_parameters_ref();
        variables.and_then(|variables| variables.first(name)).map(str::to_owned).ok_or_else(Problem::not_found)
    }

    /// Returns a query parameter, if it was given.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.request.query_string_parameters_ref().and_then(|query| query.first(name))
    }

    /// Returns the number of rows that a page has at most: the query parameter `limit`, or 50.
    ///
    /// # Errors
    /// 400 unless it is a number from 1 to 100.
    pub fn limit(&self) -> Result<usize, Problem> {
        let Some(limit) = self.query("limit") else { return Ok(LIMIT.0) };
        let limit = limit.parse().ok().filter(|limit| (1..=LIMIT.1).contains(limit));
        limit.ok_or_else(|| Problem::out_of_range("limit", 1, LIMIT.1))
    }

    /// Checks the query parameters against the route: a misspelt filter would otherwise answer more than was asked for.
    ///
    /// # Errors
    /// 400 for one that the route does not know, and for an empty or repeated one.
    pub(crate) fn check_query(&self) -> Result<(), Problem> {
        let given = self.request.query_string_parameters_ref();
        let (Some(known), Some(given)) = (routes::parameters(&self.route), given) else { return Ok(()) };
        let mut seen = Vec::new();
        for (name, value) in given.iter() {
            let fault = if !known.contains(&name) {
                "inconnu ici, retirez-le."
            } else if value.is_empty() {
                "vide, donnez-lui une valeur ou retirez-le."
            } else if seen.contains(&name) {
                "indiqué plusieurs fois."
            } else {
                seen.push(name);
                continue;
            };
            return Err(Problem::parameter(&shown(name), fault));
        }
        Ok(())
    }

    /// Returns a header's value, if it was sent. It is UTF-8, as the gateway's event is; not only ASCII, because a
    /// condition that can't be met must not count as absent.
    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.request.headers().get(name).and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
    }

    /// Returns whether the client accepts HTML, as browsers do.
    pub fn accepts_html(&self) -> bool {
        self.header(&header::ACCEPT).is_some_and(|accepted| accepted.contains("text/html"))
    }

    /// Returns the bearer token.
    ///
    /// # Errors
    /// 401 without one.
    pub fn bearer(&self) -> Result<Secret, Problem> {
        let value = self.header(&header::AUTHORIZATION).and_then(|value| value.split_once(' '));
        match value {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => {
                Ok(Secret::new(token.trim()))
            }
            _ => Err(Problem::unauthenticated()),
        }
    }

    /// Returns the condition of the `If-Match` header, if there is one.
    pub fn precondition(&self) -> Option<Precondition> {
        self.header(&header::IF_MATCH).map(Precondition::parse)
    }

    /// Returns the conditions of the `If-Match` and `If-None-Match` headers.
    ///
    /// # Errors
    /// 400 for an empty `If-None-Match`: it excludes nothing, so a change would be made that was to be conditional.
    pub fn preconditions(&self) -> Result<Preconditions, Problem> {
        let matches_none = self.header(&header::IF_NONE_MATCH);
        if matches_none.is_some_and(|tags| tags.trim().is_empty()) {
            return Err(Problem::parameter("If-None-Match", "indiquez * ou une version."));
        }
        Ok(Preconditions { matches: self.precondition(), matches_none: matches_none.map(Precondition::parse) })
    }

    /// Returns the body's bytes.
    pub fn body(&self) -> &[u8] {
        self.request.body().as_ref()
    }

    /// Returns the body as a form.
    ///
    /// # Errors
    /// 413 above 64 KB, 415 if it is not JSON by its media type, 400 if it is malformed or empty.
    pub fn form(&self) -> Result<Form, Problem> {
        self.form_of(&["application/json"])
    }

    /// Returns the body as a merge patch (RFC 7396).
    ///
    /// # Errors
    /// As [`form`](Self::form).
    pub fn merge_patch(&self) -> Result<Form, Problem> {
        self.form_of(&["application/merge-patch+json", "application/json"])
    }

    fn form_of(&self, media_types: &[&str]) -> Result<Form, Problem> {
        if self.body().is_empty() {
            return Err(Problem::new(Code::MalformedJson));
        }
        if self.body().len() > MAX_BODY {
            return Err(Problem::new(Code::TooLarge));
        }
        let media_type =
            self.header(&header::CONTENT_TYPE).and_then(|value| value.split(';').next()).unwrap_or_default();
        if !media_types.iter().any(|accepted| media_type.trim().eq_ignore_ascii_case(accepted)) {
            return Err(Problem::unsupported_media_type(media_types[0]));
        }
        body::object(self.body()).map(Form::new).ok_or_else(|| Problem::new(Code::MalformedJson))
    }
}

/// Returns the name of a parameter that anybody may have typed, fit for a text that people read.
fn shown(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric() || "-_.".contains(*c)).take(40).collect();
    if plain.is_empty() { "?".to_owned() } else { plain }
}

/// Returns the gateway's context of a request: route key, request id, client address.
fn context(request: &Request) -> Option<&ApiGatewayV2httpRequestContext> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => Some(context),
        _ => None,
    }
}
