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
/// What every call that finds somebody out may answer besides.
const GUARDED: &[Code] = &[Code::TooManyRequests, Code::Unavailable];

pub(super) fn operations() -> Vec<Operation> {
    vec![sign_in(), sign_out(), me(), ask(), look(), choose()]
}

fn sign_in() -> Operation {
    Operation::new("POST /sessions", "signIn", Anyone, "Sign in")
        .says(
            "After 5 wrong passwords in a row an account waits: 1 minute, doubling, at most 25 tries in 24 h. Meanwhile the \
             right password is answered as a wrong one.",
        )
        .reads("Credentials", JSON, &json!({ "email": examples::MARIE, "password": "Trombone-Girafe-42!" }))
        .answers(201, "Signed in.", "Session", &examples::session(), &[])
        .refuses(&[Code::BadCredentials, Code::PasswordProvisional])
        .refuses(GUARDED)
}

fn sign_out() -> Operation {
    Operation::new("DELETE /sessions/current", "signOut", SignedIn, "Sign out")
        .says("Ends this session; the account's others go on.")
        .answers_with(204, "The session is over.", None, &[])
        .refuses(&[Code::Unavailable])
}

fn me() -> Operation {
    Operation::new("GET /me", "whoAmI", SignedIn, "Who one is, and what one may open")
        .says(
            "`access` lists the resources that the portal may open for a patron now: their active resources while their \
             registration is active, else none.",
        )
        .answers(200, "The caller.", "Me", &examples::me(), &[])
        .refuses(&[Code::Unavailable])
}

fn ask() -> Operation {
    Operation::new("POST /password-resets", "askForPasswordLink", Anyone, "\"Mot de passe oublié\"")
        .says(
            "A link is mailed to an account's address, three an hour at the most; whatever the address, the answer is the \
             same. The county's first account is made so.",
        )
        .reads("PasswordRequest", JSON, &json!({ "email": examples::MARIE }))
        .answers_with(202, "If the address is an account's, a link is on its way.", None, &[])
        .refuses(GUARDED)
}

fn look() -> Operation {
    Operation::new("GET /password-resets/{token}", "lookAtPasswordLink", Anyone, "Whether a mailed link is good")
        .says("Changes nothing: mail scanners open links.")
        .takes(&["resetToken"])
        .answers_with(204, "It is good.", None, &[])
        .answers_with(303, "To a browser (`Accept: text/html`): the portal's page.", None, &["Location"])
        .refuses(&[Code::ResetLinkDead])
        .refuses(GUARDED)
}

fn choose() -> Operation {
    Operation::new("PUT /password-resets/{token}", "choosePassword", Anyone, "Choose a password")
        .says("Signs nobody in, ends all the account's sessions, mails a notice. After a 422 the link is still good.")
        .takes(&["resetToken"])
        .reads("PasswordChoice", JSON, &json!({ "password": "Trombone-Girafe-42!" }))
        .answers_with(204, "It is chosen, and the link is used.", None, &[])
        .refuses(&[Code::ResetLinkDead])
        .refuses(GUARDED)
}
