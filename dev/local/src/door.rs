//! Refuses requests that a page of another site makes the browser send. All ports listen on loopback, where every page
//! that a browser has open can reach them.
//!
//! | Request | Answer |
//! |---|---|
//! | its `Host` is not a name of the port: the page's domain resolves to this machine (DNS rebinding) | 421 |
//! | its `Origin` is neither the port's own nor one of those that the port serves | 403 |
//! | it has no `Origin`, and the browser says that another site caused it | 403 |
//! | such a request that opens a page in a tab: somebody followed a link | the page, on the API's port |
//!
//! Programs send neither `Origin` nor `Sec-Fetch-Site`.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, Method, Request, StatusCode, Uri, header};

use crate::{
    control,
    serving::{Reply, problem},
};

/// The names of this machine in a URL.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The callers that a port accepts.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    /// Origins of the port's own pages, one per name of the port.
    own: Vec<String>,
    /// Other origins whose pages may call it, but for the local routes.
    others: Vec<String>,
    /// Whether links of other sites may open its pages.
    has_pages: bool,
}

impl Door {
    /// Returns the door of a service behind the functions, which serves pages of these origins.
    pub(crate) fn of_service(address: SocketAddr, others: Vec<String>) -> Self {
        Self { own: origins(&format!("http://{address}")), others, has_pages: false }
    }

    /// Returns the door of the API and its pages, which serves pages of these other origins, too.
    pub(crate) fn of_api(address: SocketAddr, others: Vec<String>) -> Self {
        Self { has_pages: true, ..Self::of_service(address, others) }
    }

    /// Returns the answer to a request that may not come in.
    pub(crate) fn refusal<B>(&self, request: &Request<B>) -> Option<Reply> {
        if !self.is_addressed(request.headers()) {
            let detail = "Cette adresse n’est pas celle du serveur local : ouvrez celle qu’il affiche à son démarrage.";
            return Some(problem(StatusCode::MISDIRECTED_REQUEST, "misdirected", detail));
        }
        if self.is_foreign(request) {
            let detail = "Cette demande vient d’un autre site : ouvrez d’abord le serveur local dans cet onglet.";
            return Some(problem(StatusCode::FORBIDDEN, "foreign-site", detail));
        }
        None
    }

    fn is_addressed(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter().map(|host| host.to_str());
        let (Some(Ok(host)), None) = (hosts.next(), hosts.next()) else { return false };
        self.own.iter().filter_map(|origin| origin.strip_prefix("http://")).any(|own| own.eq_ignore_ascii_case(host))
    }

    fn is_foreign<B>(&self, request: &Request<B>) -> bool {
        let headers = request.headers();
        let is_local = request.uri().path().starts_with(control::PREFIX);
        if let Some(origin) = headers.get(header::ORIGIN) {
            let named = |origins: &[String]| origins.iter().any(|one| origin == one.as_str());
            return !named(&self.own) && (is_local || !named(&self.others));
        }
        match text(headers, "sec-fetch-site") {
            None | Some("same-origin" | "none") => false,
            Some(_) => is_local || !self.has_pages || !opens_a_page(request),
        }
    }
}

/// Returns whether a request opens a page in a tab, for example because somebody followed a link.
fn opens_a_page<B>(request: &Request<B>) -> bool {
    let says = |name, value| text(request.headers(), name) == Some(value);
    request.method() == Method::GET && says("sec-fetch-mode", "navigate") && says("sec-fetch-dest", "document")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Returns the origins under which a browser may have opened a URL. A server on this machine has several names.
pub(crate) fn origins(url: &str) -> Vec<String> {
    let Ok(url) = url.parse::<Uri>() else { return Vec::new() };
    let (Some(scheme), Some(host)) = (url.scheme_str(), url.host()) else { return Vec::new() };
    // Browsers leave out the default port.
    let port = url.port_u16().filter(|port| *port != 80).map(|port| format!(":{port}")).unwrap_or_default();
    let names = if is_this_machine(host) { &NAMES[..] } else { &[] };
    names.iter().chain([&host]).map(|name| format!("{scheme}://{name}{port}")).collect()
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_this_machine_has_each_of_its_names() {
        let names = ["http://127.0.0.1:3000", "http://localhost:3000", "http://[::1]:3000"];
        for url in names {
            assert_eq!(origins(url)[..3], names, "{url}");
        }
        assert_eq!(origins("http://127.0.0.9:80/portail/").last().unwrap(), "http://127.0.0.9");
        assert_eq!(origins("https://desk.example"), ["https://desk.example"]);
        assert!(origins("desk.example").is_empty() && origins("").is_empty());
    }
}
