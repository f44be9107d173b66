//! Cursors: a place in a list, sealed under the caller's session token, so that no stored secret is needed. A cursor
//! that was changed, or belongs to another caller, scope or filter, does not open. It is authenticated, not encrypted.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use runtime::Secret;
use sha2::Sha256;

use crate::Problem;

/// The length of a cursor's MAC, in bytes: 128 bits.
const TAG: usize = 16;
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn mac(token: &Secret, scope: &str, place: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(token.reveal().as_bytes()).ok()?;
    // With the scope's length in front, no part of the scope can pass for a part of the place.
    mac.update(format!("cursor\0{}\0{scope}{place}", scope.len()).as_bytes());
    Some(mac)
}

/// Seals a place for a caller and a scope (the list's filters and order, as text).
///
/// HMAC takes keys of any length, so that this never returns `None`.
///
/// ```
/// use edge::{open_cursor, seal_cursor};
/// use runtime::Secret;
///
/// let token = Secret::new("the caller's session token");
/// let cursor = seal_cursor(&token, "status=pending", "exemple camille").unwrap();
/// assert_eq!(open_cursor(&token, "status=pending", &cursor).unwrap(), "exemple camille");
/// assert!(open_cursor(&token, "status=active", &cursor).is_err(), "another filter");
/// assert!(open_cursor(&Secret::new("another caller"), "status=pending", &cursor).is_err());
/// ```
pub fn seal(token: &Secret, scope: &str, place: &str) -> Option<String> {
    let tag = mac(token, scope, place)?.finalize().into_bytes();
    let mut sealed = tag[..TAG].to_vec();
    sealed.extend_from_slice(place.as_bytes());
    Some(BASE64_URL_SAFE_NO_PAD.encode(sealed))
}

/// Opens a cursor and returns its place. [`seal_cursor`](seal) has an example.
///
/// # Errors
/// 400 if it was not sealed for this caller and this scope.
pub fn open(token: &Secret, scope: &str, cursor: &str) -> Result<String, Problem> {
    let opened = || {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, place) = sealed.split_at_checked(TAG)?;
        let place = std::str::from_utf8(place).ok()?;
        // Compared in constant time.
        mac(token, scope, place)?.verify_truncated_left(tag).ok()?;
        Some(place.to_owned())
    };
    opened().ok_or_else(|| Problem::parameter("cursor", "ce repère de page n’est pas valable ici ; reprenez au début."))
}

/// Returns the `Link` header's value for the next page: the same query, with its cursor.
///
/// ```
/// let query = [("q", "Éluard".to_owned())];
/// let link = edge::next_link("/registrations", &query, "AbC");
/// assert_eq!(link, "</registrations?q=%C3%89luard&cursor=AbC>; rel=\"next\"");
/// ```
pub fn next_link(path: &str, query: &[(&str, String)], cursor: &str) -> String {
    let parameters = query.iter().map(|(name, value)| (*name, value.as_str())).chain([("cursor", cursor)]);
    let query: Vec<String> =
        parameters.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY))).collect();
    format!("<{path}?{}>; rel=\"next\"", query.join("&"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_opens_for_its_caller_and_scope_only() {
        let token = Secret::new("jeton");
        let cursor = seal(&token, "status=pending", "exemple camille 0a").unwrap();
        assert_eq!(open(&token, "status=pending", &cursor).unwrap(), "exemple camille 0a");
        assert!(open(&token, "status=active", &cursor).is_err());
        assert!(open(&Secret::new("autre"), "status=pending", &cursor).is_err());
        for at in 0..cursor.len() {
            let mut tampered = cursor.clone();
            tampered.replace_range(at..=at, if &cursor[at..=at] == "A" { "B" } else { "A" });
            assert!(open(&token, "status=pending", &tampered).is_err(), "tampered at {at}");
        }
    }

    #[test]
    fn a_scope_can_t_be_shifted_into_a_place() {
        let token = Secret::new("jeton");
        let cursor = seal(&token, "a", "bc").unwrap();
        let mut sealed = BASE64_URL_SAFE_NO_PAD.decode(cursor).unwrap();
        sealed.remove(TAG);
        assert!(open(&token, "ab", &BASE64_URL_SAFE_NO_PAD.encode(sealed)).is_err());
    }

    #[test]
    fn a_link_is_a_valid_header_for_any_text() {
        let link = next_link("/registrations", &[("q", "d'\r\nX: \"é>".into())], "abc");
        assert_eq!(link, "</registrations?q=d%27%0D%0AX%3A%20%22%C3%A9%3E&cursor=abc>; rel=\"next\"");
    }

    proptest! {
        #[test]
        fn random_text_neither_opens_nor_panics(cursor in "[A-Za-z0-9_-]{0,60}|\\PC{0,20}") {
            prop_assert!(open(&Secret::new("jeton"), "", &cursor).is_err());
        }
    }
}
