//! The portal: the pages of librarians and patrons, which call the API.
//!
//! | Path | Answer | Cache |
//! |---|---|---|
//! | `/` | redirects to `/portail`, the first page | |
//! | `/portail/` | the first page | revalidated by `ETag` at each use |
//! | `/portail/<page>` | HTML | revalidated by `ETag` at each use |
//! | `/portail/fichiers/<name>.<digest>.<ext>` | a static file, which never changes | one year |
//! | `/openapi.json` | the API's description | revalidated by `ETag` at each use |
//!
//! All content is in the binary and the same for every caller; static files and description are stored compressed.

mod assets;
mod pages;
#[cfg(test)]
mod script;

use std::io::Write;

use edge::{Answer, Call, Endpoint, Problem};
use flate2::{Compression, write::GzEncoder};
use lambda_http::http::{HeaderName, StatusCode, header};
use runtime::{Misconfigured, Runtime, digest};

use assets::Asset;
use pages::{Contact, FOLDER};

const HTML: &str = "text/html; charset=utf-8";
/// One year. The name of a file changes with its contents.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// What no script may use, on no page.
const PERMISSIONS: &str = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()";

/// The endpoints `/`, `/portail` and `/openapi.json`.
#[derive(Debug)]
pub struct Portal {
    contact: Contact,
    policy: String,
}

impl Endpoint for Portal {
    type Failure = Problem;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let given = |name| runtime.env.required(name).map(str::to_owned);
        Ok(Self {
            contact: Contact { email: given("CONTACT_EMAIL")?, phone: given("CONTACT_PHONE")? },
            policy: policy(&given("DOWNLOADS_ORIGIN")?),
        })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Problem> {
        match call.route() {
            "GET /" => Ok(Answer::see_other("/portail")),
            "GET /portail" => self.page(call, ""),
            "GET /openapi.json" => description(call),
            _ => {
                // `/portail/` can't be a route of its own. It takes this one with an empty variable or none, or the
                // gateway's catch-all, which redirects. A page instead of a redirect can't loop.
                let path = call.path_variable("file").unwrap_or_default();
                match path.strip_prefix(FOLDER) {
                    Some(name) => self.file(call, name),
                    None => self.page(call, &path),
                }
            }
        }
    }
}

impl Portal {
    fn page(&self, call: &Call, path: &str) -> Result<Answer, Problem> {
        let Some(page) = pages::page(path, &self.contact) else { return self.missing(call) };
        let html = page.map_err(Problem::internal)?;
        let tag = tag(html.as_bytes());
        let answer = if knows(call, &tag) { Answer::empty(StatusCode::NOT_MODIFIED) } else { sent(call, html)? };
        Ok(revalidated(self.secured(answer), &tag))
    }

    /// Answers an unknown path: a page for browsers, a problem document for programs.
    fn missing(&self, call: &Call) -> Result<Answer, Problem> {
        let page = pages::page("introuvable", &self.contact).filter(|_| call.accepts_html());
        let html = page.ok_or_else(Problem::not_found)?.map_err(Problem::internal)?;
        Ok(self.secured(sent(call, html)?).with_status(StatusCode::NOT_FOUND))
    }

    fn file(&self, call: &Call, name: &str) -> Result<Answer, Problem> {
        let asset = Asset::named(name).ok_or_else(Problem::not_found)?;
        let answer = if takes_gzip(call) {
            gzipped(asset.media_type(), asset.gzip.to_vec())
        } else {
            Answer::bytes(asset.media_type(), asset.plain().map_err(Problem::internal)?)
        };
        Ok(self.secured(answer).header(header::CACHE_CONTROL, IMMUTABLE))
    }

    fn secured(&self, answer: Answer) -> Answer {
        answer
            .header(header::CONTENT_SECURITY_POLICY, &self.policy)
            .header(header::VARY, "accept-encoding")
            // A page's address may contain a reset token or a search.
            .header(header::REFERRER_POLICY, "no-referrer")
            .header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin")
            .header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin")
            .header(HeaderName::from_static("permissions-policy"), PERMISSIONS)
    }
}

fn description(call: &Call) -> Result<Answer, Problem> {
    let (media_type, gzip) = ("application/json", assets::DESCRIPTION);
    let tag = tag(gzip);
    let answer = if knows(call, &tag) {
        Answer::empty(StatusCode::NOT_MODIFIED)
    } else if takes_gzip(call) {
        gzipped(media_type, gzip.to_vec())
    } else {
        Answer::bytes(media_type, assets::plain(gzip).map_err(Problem::internal)?)
    };
    Ok(revalidated(answer.header(header::VARY, "accept-encoding"), &tag))
}

fn tag(contents: &[u8]) -> String {
    format!("\"{}\"", digest(contents))
}

/// Returns whether the caller has the version of this tag already.
fn knows(call: &Call, tag: &str) -> bool {
    call.header(&header::IF_NONE_MATCH).is_some_and(|tags| tags.trim() == "*" || tags.contains(tag))
}

fn revalidated(answer: Answer, tag: &str) -> Answer {
    answer.header(header::CACHE_CONTROL, "no-cache").header(header::ETAG, tag)
}

fn sent(call: &Call, html: String) -> Result<Answer, Problem> {
    if takes_gzip(call) {
        Ok(gzipped(HTML, compressed(&html).map_err(Problem::internal)?))
    } else {
        Ok(Answer::bytes(HTML, html.into_bytes()))
    }
}

fn takes_gzip(call: &Call) -> bool {
    let accepted = call.header(&header::ACCEPT_ENCODING).unwrap_or_default();
    accepted.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    })
}

fn gzipped(media_type: &'static str, gzip: Vec<u8>) -> Answer {
    Answer::bytes(media_type, gzip).header(header::CONTENT_ENCODING, "gzip")
}

fn compressed(html: &str) -> std::io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(html.as_bytes())?;
    gzip.finish()
}

/// Returns the content security policy: scripts and styles from this origin only, calls to it and to the origin of
/// large exports, nothing inline, no text made into markup by any means, no framing.
fn policy(downloads: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' {downloads}; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'"
    )
}
