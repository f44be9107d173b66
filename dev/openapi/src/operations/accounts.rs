//! Sessions and passwords.

use edge::Code;
use serde_json::json;

use crate::{
    examples,
    operation::{
        Operation,
        Who::{Anyone, SignedIn},
    },
};

const JSON: &[&str] = &["application/json"];
/// Problems of every operation that changes something without a session.
const GUARDED: &[Code] = &[Code::ForeignSite, Code::Unavailable];

pub(super) fn operations() -> Vec<Operation> {
    vec![sign_in(), sign_out(), me(), ask(), look(), choose()]
}

fn sign_in() -> Operation {
    Operation::new("POST /sessions", "signIn", Anyone, "Sign in")
        .says(
            "After 5 wrong passwords in a row, the account is blocked for 1 minute; each further one doubles the time. \
             At most 25 attempts are accepted in 24 h. A blocked account answers the right password like a wrong one, \
             and its owner is informed by e-mail, once in 24 h. Failed attempts are also limited by network.",
        )
        .reads("Credentials", JSON, &json!({ "email": examples::MARIE, "password": "Trombone-Girafe-42!" }))
        .answers(201, "Signed in.", "Session", &examples::session(), &[])
        .refuses(&[Code::BadCredentials, Code::PasswordProvisional, Code::TooManyRequests])
        .refuses(GUARDED)
}

fn sign_out() -> Operation {
    Operation::new("DELETE /sessions/current", "signOut", SignedIn, "Sign out")
        .says("Ends this session; other sessions of the account stay valid.")
        .answers_with(204, "The session has ended.", None, &[])
        .refuses(&[Code::Unavailable])
}

fn me() -> Operation {
    Operation::new("GET /me", "whoAmI", SignedIn, "The caller's account and resources")
        .says(
            "`access` lists the resources that the portal may open for a patron now: the active resources of an active \
             registration, else none.",
        )
        .answers(200, "The caller.", "Me", &examples::me(), &[])
        .refuses(&[Code::Unreadable, Code::Unavailable])
}

fn ask() -> Operation {
    Operation::new("POST /password-resets", "askForPasswordLink", Anyone, "\"Mot de passe oublié\"")
        .says(
            "Sends a link to the account's address, at most three per hour; a link that is used does not count. The \
             answer is the same for every address. Requests are also limited by network. The first request for the county's address creates the county's first account.",
        )
        .reads("PasswordRequest", JSON, &json!({ "email": examples::MARIE }))
        .answers_with(202, "Accepted. If the address has an account, a link is sent.", None, &[])
        .refuses(&[Code::TooManyRequests])
        .refuses(GUARDED)
}

fn look() -> Operation {
    Operation::new("GET /password-resets/{token}", "lookAtPasswordLink", Anyone, "Open a password link")
        .says("Changes nothing and says nothing about the link, because mail scanners open links.")
        .takes(&["resetToken"])
        .answers_with(204, "The same for every token.", None, &[])
        .refuses(&[Code::ForeignSite])
}

fn choose() -> Operation {
    Operation::new("PUT /password-resets/{token}", "choosePassword", Anyone, "Choose a password")
        .says(
            "Opens no session, ends all sessions of the account, and sends a message about the change. After a 422 the \
             link is still valid, for at most 20 refused passwords.",
        )
        .takes(&["resetToken"])
        .reads("PasswordChoice", JSON, &json!({ "password": "Trombone-Girafe-42!" }))
        .answers_with(204, "The password is set and the link no longer valid.", None, &[])
        .refuses(&[Code::ResetLinkDead, Code::Unreadable])
        .refuses(GUARDED)
}
