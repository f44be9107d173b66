//! Requests that match no route.

use reqwest::Method;

use crate::support::{Desk, Reply};

#[tokio::test]
async fn a_wrong_method_says_which_are_right() {
    let desk = Desk::open().await;
    for (method, path, allow) in [
        (Method::PUT, "/registrations", "POST, GET"),
        (Method::DELETE, "/registrations.xlsx", "GET"),
        (Method::GET, "/registrations/0123/activation", "POST"),
        (Method::POST, "/registrations/counts", "GET"),
        (Method::TRACE, "/me", "GET"),
        (Method::POST, "/me", "GET"),
    ] {
        let reply = Reply::of(desk.request(method, path)).await;
        assert_eq!(reply.header("allow"), allow, "{path}");
        reply.problem(405, "method-not-allowed");
    }
}

#[tokio::test]
async fn a_wrong_address_is_a_problem_too() {
    let desk = Desk::open().await;
    for path in ["/registration", "/registrations/", "/registrations//history", "/me/", "/a/b/c/d"] {
        desk.open_get(path).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn head_is_a_wrong_method_on_every_path_with_get() {
    let desk = Desk::open().await;
    for (path, allow) in [
        ("/me", "GET"),
        ("/registrations", "POST, GET"),
        ("/registrations.xlsx", "GET"),
        ("/registrations/0123", "GET, PATCH, DELETE"),
        ("/password-resets/0123", "GET, PUT"),
        ("/libraries", "GET"),
        ("/openapi.json", "GET"),
        ("/portail", "GET"),
    ] {
        let answer = desk.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(answer.status(), 405, "{path}");
        assert_eq!(answer.headers()["allow"], allow, "{path}");
        assert!(answer.bytes().await.unwrap().is_empty());
    }
}
