//! Checks the API description against `template.yaml`, the code and the stories. `support/described.rs` checks every
//! answer of the stories against it.

use std::collections::{BTreeMap, BTreeSet};

use local::template::Template;
use reqwest::Method;
use serde_json::Value;

use crate::support::{
    Desk, Reply,
    described::{DOCUMENT, compiled, followed},
    root, sources,
};

/// Routes without a description: the portal's pages and files, which promise nothing to programs, and the gateway's
/// catch-all route.
const LEFT_OUT: [&str; 4] = ["GET /", "GET /portail", "GET /portail/{file+}", "ANY $default"];

#[test]
fn the_repository_s_description_is_what_the_code_makes() {
    let (file, made) = (root().join("openapi.json"), openapi::text());
    #[expect(clippy::disallowed_methods, reason = "the switch that snapshots have")]
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&file, &made).unwrap();
    }
    let same = std::fs::read_to_string(&file).unwrap() == made;
    assert!(same, "openapi.json is not the code's: INSTA_UPDATE=always cargo test -p tests -- description");
}

#[test]
fn its_operations_are_the_template_s_routes() {
    let stack = Template::built_in().unwrap().resolve(&BTreeMap::new()).unwrap();
    let routes = stack.functions.iter().flat_map(|function| &function.routes);
    let routes: BTreeSet<String> = routes.map(|route| format!("{} {}", route.method, route.path)).collect();
    let mut documented: BTreeSet<String> = LEFT_OUT.map(str::to_owned).into();
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            assert!(documented.insert(format!("{} {path}", method.to_uppercase())), "{method} {path} is left out");
        }
    }
    assert_eq!(documented, routes);
}

#[tokio::test]
async fn it_is_served_to_anyone_compressed_and_once() {
    let desk = Desk::open().await;
    let plain = desk.open_get("/openapi.json").await.expect(200);
    assert_eq!(plain.text(), std::fs::read_to_string(root().join("openapi.json")).unwrap());
    let asked = |name: &str, value: &str| desk.request(Method::GET, "/openapi.json").header(name, value);
    let small = Reply::of(asked("accept-encoding", "br, gzip")).await.expect(200);
    assert_eq!((small.header("content-encoding"), small.header("vary")), ("gzip", "accept-encoding"));
    assert!(small.body.len() * 5 < plain.body.len());
    assert_eq!(small.header("etag"), plain.header("etag"));
    Reply::of(asked("if-none-match", plain.header("etag"))).await.expect(304);
    Reply::of(asked("if-none-match", "\"another\"")).await.expect(200);
}

/// Returns every operation as `(route, operation)`.
pub(crate) fn operations() -> Vec<(String, &'static Value)> {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let of_path = |path: &String, item: &'static Value| {
        let path = path.clone();
        let item = item.as_object().unwrap().iter();
        item.map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    };
    paths.iter().flat_map(|(path, item)| of_path(path, item)).collect()
}

/// Returns the problem codes that an operation may answer, with their statuses.
pub(crate) fn problems(operation: &Value) -> BTreeSet<(u16, String)> {
    let answers = operation["responses"].as_object().unwrap();
    let found = answers.iter().flat_map(|(status, answer)| {
        let examples = followed(answer)["content"][openapi::PROBLEM]["examples"].as_object();
        examples.into_iter().flatten().map(move |(code, _)| (status.parse().unwrap(), code.clone()))
    });
    found.collect()
}

#[test]
fn its_examples_are_as_it_says() {
    let mut examples = 0;
    for (route, operation) in operations() {
        let answers = operation["responses"].as_object().unwrap().values().map(followed);
        for content in answers.chain([&operation["requestBody"]]).filter_map(|place| place["content"].as_object()) {
            for content in content.values() {
                let several =
                    content["examples"].as_object().into_iter().flatten().map(|(_, example)| &example["value"]);
                for example in several.chain(content.get("example")) {
                    let faults: Vec<_> =
                        compiled(&content["schema"]).iter_errors(example).map(|f| f.to_string()).collect();
                    assert!(faults.is_empty(), "{route}: {faults:?}\n{example:#}");
                    examples += 1;
                }
            }
        }
    }
    assert!(examples > 100);
}

/// Problems that no described operation answers, with the reason.
const NOT_DESCRIBED: [(&str, &str); 1] = [("method-not-allowed", "the gateway's catch-all alone answers it")];

#[test]
fn every_problem_of_the_catalogue_is_described() {
    let described: BTreeSet<String> =
        operations().iter().flat_map(|(_, of)| problems(of)).map(|(_, code)| code).collect();
    let known = edge::Code::ALL.iter().map(|code| code.as_str());
    let left_out: BTreeSet<&str> = known.filter(|code| !described.contains(*code)).collect();
    assert_eq!(left_out, NOT_DESCRIBED.map(|(code, _)| code).into());
    assert!(!DOCUMENT.to_string().contains("{}"), "an example whose text is not filled in");
}

/// Problems that no test can cause over HTTP, with the reason.
const NEVER_SEEN: [(&str, &str); 1] = [("internal", "a defect of ours, or a panic: described by `edge`'s own tests")];

#[test]
fn every_problem_is_met_in_a_story() {
    let stories =
        ["api", "figures", "reliability", "stories"].map(|room| sources(&root().join("tests").join(room))).concat();
    let described: BTreeSet<(u16, String)> =
        operations().iter().flat_map(|(_, operation)| problems(operation)).collect();
    // A passing assertion on the answer proves that the problem occurs.
    let met = |(status, code): &(u16, String)| stories.contains(&format!(".problem({status}, \"{code}\")"));
    let unmet: BTreeSet<&str> = described.iter().filter(|problem| !met(problem)).map(|(_, code)| &**code).collect();
    assert_eq!(unmet, NEVER_SEEN.map(|(code, _)| code).into());
}
