//! Matches requests to routes as API Gateway's HTTP APIs do: the most specific route wins. A literal segment precedes a
//! `{variable}`, which precedes a greedy `{variable+}`; a method precedes `ANY`; `$default` takes the rest.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use crate::template::Route;

/// The route that a request matches.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Taken<'a, T> {
    /// `GET /registrations/{id}`, or `$default`.
    pub(crate) key: &'a str,
    /// Values of the path variables, percent-decoded.
    pub(crate) variables: BTreeMap<String, String>,
    /// The route's handler.
    pub(crate) target: &'a T,
}

/// All routes, most specific first.
pub(crate) struct Routes<T> {
    entries: Vec<Entry<T>>,
}

struct Entry<T> {
    key: String,
    method: String,
    segments: Vec<Segment>,
    target: T,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
    Anything,
}

impl<T> Routes<T> {
    pub(crate) fn new(routes: impl IntoIterator<Item = (Route, T)>) -> Self {
        let mut entries: Vec<_> = routes.into_iter().map(|(route, target)| Entry::new(route, target)).collect();
        // Most specific first, so that `find` may return the first match.
        entries.sort_by_cached_key(|entry| {
            let ranks: Vec<u8> = entry.segments.iter().map(Segment::rank).collect();
            (ranks, entry.method == "ANY")
        });
        Self { entries }
    }

    /// Finds the route of a request by its method and its path, which is still percent-encoded.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<Taken<'_, T>> {
        self.entries.iter().find_map(|entry| {
            let variables = entry.matches(method, path)?;
            Some(Taken { key: &entry.key, variables, target: &entry.target })
        })
    }
}

impl<T> Entry<T> {
    fn new(Route { method, path }: Route, target: T) -> Self {
        if path == "$default" {
            return Self { key: path, method: "ANY".to_owned(), segments: vec![Segment::Anything], target };
        }
        let segments = path.split('/').map(Segment::new).collect();
        Self { key: format!("{method} {path}"), method, segments, target }
    }

    fn matches(&self, method: &str, path: &str) -> Option<BTreeMap<String, String>> {
        if self.method != "ANY" && self.method != method {
            return None;
        }
        let mut variables = BTreeMap::new();
        let mut rest = Some(path);
        for segment in &self.segments {
            let left = rest?;
            let (value, after) = left.split_once('/').map_or((left, None), |(value, after)| (value, Some(after)));
            let value = match segment {
                Segment::Anything => return Some(variables),
                Segment::Literal(text) if *text == decoded(value) => None,
                Segment::Variable(name) if !value.is_empty() => Some((name, value)),
                Segment::Greedy(name) if !left.is_empty() => {
                    variables.insert(name.clone(), decoded(left));
                    return Some(variables);
                }
                _ => return None,
            };
            variables.extend(value.map(|(name, value)| (name.clone(), decoded(value))));
            rest = after;
        }
        rest.is_none().then_some(variables)
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            None => Self::Literal(text.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                None => Self::Variable(name.to_owned()),
                Some(name) => Self::Greedy(name.to_owned()),
            },
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Literal(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
            Self::Anything => 3,
        }
    }
}

/// Percent-decodes a text. Invalid UTF-8 becomes U+FFFD, which no id contains.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes<&'static str> {
        let written = [
            ("ANY", "$default", "rest"),
            ("GET", "/registrations/{id}", "one"),
            ("GET", "/registrations", "page"),
            ("POST", "/registrations", "create"),
            ("GET", "/registrations/{id}/history", "history"),
            ("GET", "/registrations/overdue", "overdue"),
            ("ANY", "/registrations/{id}", "any"),
            ("GET", "/files/{path+}", "file"),
            ("GET", "/", "root"),
        ];
        Routes::new(
            written.map(|(method, path, target)| (Route { method: method.to_owned(), path: path.to_owned() }, target)),
        )
    }

    fn found(method: &str, path: &str) -> &'static str {
        routes().find(method, path).unwrap().target
    }

    #[test]
    fn the_most_specific_route_is_taken() {
        assert_eq!(found("GET", "/registrations"), "page");
        assert_eq!(found("POST", "/registrations"), "create");
        assert_eq!(found("GET", "/registrations/0a"), "one");
        assert_eq!(found("GET", "/registrations/overdue"), "overdue");
        assert_eq!(found("PATCH", "/registrations/0a"), "any");
        assert_eq!(found("GET", "/registrations/0a/history"), "history");
        assert_eq!(found("GET", "/files/a/b"), "file");
        assert_eq!(found("GET", "/"), "root");
    }

    #[test]
    fn unmatched_requests_take_the_default_route() {
        for (method, path) in [
            ("HEAD", "/registrations"),
            ("GET", "/registrations/"),
            ("GET", "/registrations/0a/"),
            ("GET", "/Registrations"),
            ("GET", "/registrations//history"),
            ("GET", "/registrations/0a/history/1"),
            ("GET", "/files/"),
            ("GET", ""),
        ] {
            let routes = routes();
            let taken = routes.find(method, path).unwrap();
            assert_eq!((taken.key, *taken.target), ("$default", "rest"), "{method} {path}");
        }
    }

    #[test]
    fn variables_are_percent_decoded() {
        let routes = routes();
        let taken = routes.find("GET", "/registrations/a%2Fb%20%C3%A9+%40%").unwrap();
        assert_eq!(taken.key, "GET /registrations/{id}");
        assert_eq!(taken.variables, BTreeMap::from([("id".to_owned(), "a/b é+@%".to_owned())]));
        assert_eq!(routes.find("GET", "/files/a/%62").unwrap().variables["path"], "a/b");
    }
}
