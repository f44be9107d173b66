//! Checks of a request's `Host` header.

use std::net::IpAddr;

use http::{header, request::Parts, uri::Authority};

/// Returns whether the host is absent, or one that is valid in a URL. The Lambda runtime's parser builds a URL from it and relies on
/// the gateway to have checked.
pub(crate) fn is_valid(head: &Parts) -> bool {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return !head.headers.contains_key(header::HOST) };
    Authority::try_from(host.as_bytes()).is_ok_and(|authority| {
        let (text, name) = (authority.as_str(), authority.host());
        let port_is_valid = authority.port_u16().is_some() || text == name;
        let numeric = name.rsplit('.').next().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
        port_is_valid && (address(name).is_some() || (plain && !numeric && !name.is_empty()))
    })
}

/// Returns whether the host is a loopback name. A web page whose domain resolves to this machine must not read messages
/// through a browser (DNS rebinding).
pub(crate) fn is_this_machine(head: &Parts) -> bool {
    let host = head.headers.get(header::HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    host.is_some_and(|host| {
        host.host().eq_ignore_ascii_case("localhost") || address(host.host()).is_some_and(|ip| ip.is_loopback())
    })
}

fn address(name: &str) -> Option<IpAddr> {
    match name.strip_prefix('[') {
        Some(name) => name.strip_suffix(']')?.parse().ok().map(IpAddr::V6),
        None => name.parse().ok().map(IpAddr::V4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(host: &str) -> Parts {
        http::Request::get("/").header("Host", host).body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_host_must_fit_in_a_url() {
        for host in ["localhost:3000", "127.0.0.1", "[::1]:80", "desk.oise.example", "x_y-z:1"] {
            assert!(is_valid(&head(host)), "{host}");
        }
        for host in ["", "a b", "x:99999", "x:", "a@b", "1.2.3", "999.1.1.1", "[::1", "a/b", "a%20b"] {
            assert!(!is_valid(&head(host)), "{host}");
        }
    }

    #[test]
    fn only_a_loopback_name_is_this_machine() {
        assert!(
            ["localhost:3000", "LOCALHOST", "127.0.0.1", "[::1]:3000"].iter().all(|host| is_this_machine(&head(host)))
        );
        assert!(!["evil.example", "10.0.0.1:3000", "", "::1"].iter().any(|host| is_this_machine(&head(host))));
    }
}
