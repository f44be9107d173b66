//! The routes, to distinguish an unknown path from a wrong method. `template.yaml` is their source; a test compares
//! this table with it.

/// Method, path and function of every route.
pub const ROUTES: [(&str, &str, &str); 40] = [
    ("POST", "/sessions", "session"),
    ("GET", "/sessions", "session"),
    ("DELETE", "/sessions", "session"),
    ("DELETE", "/sessions/current", "session"),
    ("POST", "/sessions/current/confirmation", "session"),
    ("GET", "/me", "session"),
    ("POST", "/me/second-factor", "session"),
    ("PUT", "/me/second-factor", "session"),
    ("DELETE", "/me/second-factor", "session"),
    ("POST", "/password-resets", "password"),
    ("GET", "/password-resets/{token}", "password"),
    ("PUT", "/password-resets/{token}", "password"),
    ("GET", "/libraries", "directory"),
    ("PUT", "/libraries/{id}", "directory"),
    ("GET", "/resources", "directory"),
    ("PUT", "/resources/{id}", "directory"),
    ("GET", "/staff", "directory"),
    ("PUT", "/staff/{email}", "directory"),
    ("DELETE", "/staff/{email}", "directory"),
    ("DELETE", "/staff/{email}/sessions", "directory"),
    ("DELETE", "/staff/{email}/second-factor", "directory"),
    ("POST", "/staff/{email}/invitation", "directory"),
    ("GET", "/directory/history", "directory"),
    ("POST", "/registrations", "register"),
    ("GET", "/registrations", "list"),
    ("GET", "/registrations.xlsx", "export"),
    ("GET", "/registrations/counts", "list"),
    ("GET", "/registrations/{id}", "list"),
    ("GET", "/registrations/{id}/history", "list"),
    ("GET", "/registrations/{id}/mails", "list"),
    ("GET", "/registrations/{id}/data", "list"),
    ("PATCH", "/registrations/{id}", "update"),
    ("DELETE", "/registrations/{id}", "erase"),
    ("POST", "/registrations/{id}/activation", "activate"),
    ("POST", "/registrations/{id}/renewal", "renew"),
    ("GET", "/", "portal"),
    ("GET", "/portail", "portal"),
    ("GET", "/portail/{file+}", "portal"),
    ("GET", "/openapi.json", "portal"),
    ("ANY", DEFAULT, "unrouted"),
];

/// The gateway's catch-all.
pub const DEFAULT: &str = "$default";

/// The query parameters of each route that has any.
const PARAMETERS: [(&str, &[&str]); 4] = [
    ("GET /directory/history", &["limit", "cursor"]),
    ("GET /registrations", &["status", "libraryId", "q", "sort", "overdue", "limit", "cursor"]),
    ("GET /registrations.xlsx", &["status", "libraryId", "q", "sort", "overdue"]),
    ("GET /registrations/counts", &["libraryId"]),
];

/// Returns the query parameters that a route accepts, or `None` for pages and the catch-all, which ignore parameters
/// that they do not know (contract, conventions).
pub(crate) fn parameters(route: &str) -> Option<&'static [&'static str]> {
    let path = route.split_once(' ').map_or(route, |(_, path)| path);
    let ignored = [DEFAULT, "/"].contains(&path) || path.starts_with("/portail") || path.starts_with("/cas/");
    let known = || PARAMETERS.iter().find(|(of, _)| *of == route).map_or(&[][..], |(_, names)| names);
    (!ignored).then(known)
}

/// Returns the key of a request's route, as the gateway writes it, or `None` if no route matches.
pub fn key(method: &str, path: &str) -> Option<String> {
    let found = ROUTES.iter().find(|(of, route, _)| *of == method && matches(route, path));
    found.map(|(method, route, _)| format!("{method} {route}"))
}

/// Returns the methods of a path; none for an unknown path. A route without variables takes precedence over routes
/// whose variables match the path too, as at the gateway.
pub fn methods(path: &str) -> Vec<&'static str> {
    let of = |matches: fn(&str, &str) -> bool| -> Vec<_> {
        ROUTES.iter().filter(|(_, route, _)| matches(route, path)).map(|(method, _, _)| *method).collect()
    };
    let literal = of(|route, path| route == path);
    if literal.is_empty() { of(matches) } else { literal }
}

fn matches(route: &str, path: &str) -> bool {
    let (route, path): (Vec<&str>, Vec<&str>) = (route.split('/').collect(), path.split('/').collect());
    let greedy = route.last().is_some_and(|last| last.ends_with("+}"));
    let as_long = if greedy { path.len() >= route.len() } else { path.len() == route.len() };
    as_long && route.iter().zip(path).all(|(r, p)| *r == p || (r.starts_with('{') && !p.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_its_methods_and_an_unknown_path_none() {
        assert_eq!(methods("/registrations"), ["POST", "GET"]);
        assert_eq!(methods("/registrations/0a/activation"), ["POST"]);
        assert_eq!(methods("/registrations/counts"), ["GET"]);
        assert_eq!(methods("/registrations/"), Vec::<&str>::new());
        assert_eq!(methods("/nothing"), Vec::<&str>::new());
        assert_eq!(key("GET", "/registrations/0a/data").as_deref(), Some("GET /registrations/{id}/data"));
        assert_eq!(key("GET", "/registrations.xlsx").as_deref(), Some("GET /registrations.xlsx"));
        assert_eq!(key("GET", "/registrations/counts").as_deref(), Some("GET /registrations/counts"));
        assert_eq!(key("GET", "/portail/fichiers/a.css").as_deref(), Some("GET /portail/{file+}"));
        assert_eq!(key("GET", "/portail/"), None);
        assert_eq!(key("PUT", "/registrations"), None);
    }
}
