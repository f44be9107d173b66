//! From the gateway's event to a request, whatever the client sent.
//!
//! `lambda_http` builds a URI from host, scheme and query as the client wrote them, and panics if they make none. The
//! gateway passes such requests. Here nobody reads the URI: it is built without host and scheme, and with an escaped
//! query, which means the same.

use lambda_http::{
    Request, aws_lambda_events::apigw::ApiGatewayV2httpRequest, http::HeaderMap, request::LambdaRequest,
};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::Deserialize;

/// ASCII characters that a URI's query can't contain. Others than ASCII are always escaped.
const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');

/// An event of the gateway.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Event(ApiGatewayV2httpRequest);

impl Event {
    /// Returns the event without its headers, fit for `lambda_http`, and the headers.
    pub(crate) fn split(self) -> (LambdaRequest, HeaderMap) {
        let Self(mut event) = self;
        let headers = std::mem::take(&mut event.headers);
        event.request_context.domain_name = None;
        event.raw_query_string =
            event.raw_query_string.map(|query| utf8_percent_encode(&query, NOT_IN_A_QUERY).to_string());
        // Every path of a request begins so. Without it, the path would continue the host's name.
        event.raw_path = event.raw_path.map(|path| if path.starts_with('/') { path } else { format!("/{path}") });
        (LambdaRequest::ApiGatewayV2(event), headers)
    }
}

/// Returns the request of an event, as [`serve`](crate::serve) does.
///
/// # Errors
/// If it is not an event of an HTTP API.
pub fn request(event: &str) -> Result<Request, serde_json::Error> {
    let (event, headers) = serde_json::from_str::<Event>(event)?.split();
    let mut request = Request::from(event);
    request.headers_mut().extend(headers);
    Ok(request)
}
