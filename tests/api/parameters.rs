//! Query parameters (contract, conventions). `description.rs` proves that every route but the pages' is described.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use super::description::operations;
use crate::support::{
    Desk, Reply,
    described::{DOCUMENT, followed},
};

/// Returns the names of the query parameters in a list of the description's parameters.
fn in_query<'a>(parameters: impl IntoIterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    let of_query = parameters.into_iter().filter(|parameter| parameter["in"] == "query");
    of_query.map(|parameter| parameter["name"].as_str().unwrap()).collect()
}

async fn called(desk: &Desk, method: &str, path: &str, query: &str) -> Reply {
    let path = path.replace("{id}", "x").replace("{email}", "x").replace("{token}", "x");
    Reply::of(desk.request(Method::from_bytes(method.as_bytes()).unwrap(), &format!("{path}?{query}"))).await
}

#[tokio::test]
async fn s17_every_route_refuses_unknown_and_empty_parameters() {
    let desk = Desk::open().await;
    let all = in_query(DOCUMENT["components"]["parameters"].as_object().unwrap().values());
    assert!(all.len() >= 7);
    for (route, operation) in operations() {
        let (method, path) = route.split_once(' ').unwrap();
        let known = in_query(operation["parameters"].as_array().into_iter().flatten().map(followed));
        for name in all.iter().copied().chain(["unknown", "LibraryId", "libraryIds"]) {
            let mut refused = vec![name.to_owned(), format!("{name}="), format!("{name}=1&{name}=2")];
            refused.extend((!known.contains(name)).then(|| format!("{name}=1")));
            for query in refused {
                let problem = called(&desk, method, path, &query).await.problem(400, "invalid-parameter");
                let detail = problem["detail"].as_str().unwrap();
                assert!(detail.starts_with(&format!("Paramètre « {name} » : ")), "{route}?{query}: {detail}");
            }
        }
    }
}

#[tokio::test]
async fn s17_pages_and_unknown_paths_ignore_parameters() {
    let desk = Desk::open().await;
    for path in ["/", "/portail", "/portail/", "/portail/abonnes", "/portail/inconnue", "/inconnue", "/me/"] {
        let (plain, asked) = (desk.open_get(path).await, called(&desk, "GET", path, "unknown=1&empty=&empty=").await);
        assert_eq!((plain.status, plain.body), (asked.status, asked.body), "{path}");
    }
}

#[tokio::test]
async fn s17_a_parameter_is_named_without_odd_signs() {
    let desk = Desk::open().await;
    for (name, shown) in [
        ("%00a%0d%0ab", "ab"),
        ("%E2%80%AE%22%3Cq%3E", "q"),
        ("%F0%9F%8E%89", "?"),
        ("", "?"),
        (&"n".repeat(500), &"n".repeat(40)),
    ] {
        let problem = called(&desk, "GET", "/me", &format!("{name}=1")).await.problem(400, "invalid-parameter");
        assert_eq!(problem["detail"], format!("Paramètre « {shown} » : inconnu ici, retirez-le."));
    }
}

#[tokio::test]
async fn s17_a_search_has_a_letter_or_a_digit() {
    let desk = Desk::open().await;
    let (county, marie) = desk.staffed().await;
    for by in [&county, &marie] {
        for path in ["/registrations", "/registrations.xlsx"] {
            for q in ["*", "%27", "%20", "%00", "%", "@", "%ff%fe", "%F0%9F%8E%89", "%CC%81", "%E2%80%8B"] {
                desk.get(&format!("{path}?q={q}"), by).await.problem(400, "invalid-parameter");
            }
            for q in ["*a", "7", "%C3%A9", "%D0%96"] {
                desk.get(&format!("{path}?q={q}"), by).await.expect(200);
            }
        }
    }
}
