//! Sessions and passwords.

use edge::Code;
use serde_json::json;

use crate::{
    examples,
    operation::{
        Operation,
        Who::{Anyone, Holder},
    },
};

const JSON: &[&str] = &["application/json"];
/// Problems of every operation that changes something without a session.
const GUARDED: &[Code] = &[Code::ForeignSite, Code::Unavailable];

pub(super) fn operations() -> Vec<Operation> {
    vec![
        sign_in(),
        sessions(),
        sign_out_everywhere(),
        sign_out(),
        confirm(),
        me(),
        begin_enrolment(),
        enrol(),
        take_factor_off(),
        ask(),
        look(),
        choose(),
    ]
}

fn sign_in() -> Operation {
    Operation::new("POST /sessions", "signIn", Anyone, "Sign in")
        .says(
            "After 5 wrong passwords in a row, the account is blocked for 1 minute; each further one doubles the time. \
             At most 25 attempts are accepted in 24 h. A blocked account answers the right password like a wrong one, \
             and its owner is informed by e-mail, once in 24 h. Failed attempts are also limited by network. An account \
             with a second factor sends a `code` as well. A right password without a right code stays counted.",
        )
        .reads("Credentials", JSON, &json!({ "email": examples::MARIE, "password": "Trombone-Girafe-42!" }))
        .answers(201, "Signed in.", "Session", &examples::session(), &[])
        .refuses(&[Code::BadCredentials, Code::SecondFactorNeeded, Code::PasswordProvisional, Code::TooManyRequests])
        .refuses(GUARDED)
}

fn sign_out() -> Operation {
    Operation::new("DELETE /sessions/current", "signOut", Holder, "Sign out")
        .says("Ends this session; other sessions of the account stay valid.")
        .answers_with(204, "The session has ended.", None, &[])
        .refuses(&[Code::Unavailable])
}

fn me() -> Operation {
    Operation::new("GET /me", "whoAmI", Holder, "The caller's account and resources")
        .says(
            "`access` lists the resources that the portal may open for a patron now: the active resources of an active \
             registration, else none.",
        )
        .answers(200, "The caller.", "Me", &examples::me(), &[])
        .refuses(&[Code::Unreadable, Code::Unavailable])
}

fn sessions() -> Operation {
    Operation::new("GET /sessions", "listSessions", Holder, "The account's open sessions")
        .says("The newest first.")
        .answers(200, "The open sessions.", "Sessions", &examples::sessions(), &[])
        .refuses(&[Code::Unavailable])
}

fn sign_out_everywhere() -> Operation {
    Operation::new("DELETE /sessions", "signOutEverywhere", Holder, "Sign out everywhere")
        .says("Ends all sessions of the account, this one included. The password stays.")
        .answers_with(204, "All sessions have ended.", None, &[])
        .refuses(&[Code::Unavailable])
}

fn confirm() -> Operation {
    Operation::new("POST /sessions/current/confirmation", "confirm", Holder, "Give the password again")
        .says(
            "Sensitive calls want a sign-in or a confirmation in this session within the last 15 minutes. A wrong password \
             or code counts as on sign-in.",
        )
        .reads("Confirmation", JSON, &json!({ "password": "Trombone-Girafe-42!" }))
        .answers_with(204, "Confirmed for 15 minutes.", None, &[])
        .refuses(&[Code::ConfirmationRefused, Code::SignInWaits, Code::Unavailable])
}

fn begin_enrolment() -> Operation {
    Operation::new("POST /me/second-factor", "beginEnrolment", Holder, "Begin to enrol a second factor")
        .says(
            "For staff. The secret is for an authenticator app (RFC 6238). It has to be confirmed by a code within the hour. \
             A second factor that is enrolled stays until then.",
        )
        .answers(200, "The secret, shown once.", "Enrolment", &examples::enrolment(), &[])
        .refuses(&[Code::Forbidden, Code::ConfirmationNeeded, Code::Stale, Code::Unavailable])
}

fn enrol() -> Operation {
    Operation::new("PUT /me/second-factor", "enrol", Holder, "Enrol a second factor by its first code")
        .says("For staff. Ends the other sessions of the account.")
        .reads("FirstCode", JSON, &json!({ "code": "287082" }))
        .answers(200, "Enrolled: ten recovery codes, shown once.", "RecoveryCodes", &examples::recovery_codes(), &[])
        .refuses(&[Code::Forbidden, Code::EnrolmentMissing, Code::Unavailable])
}

fn take_factor_off() -> Operation {
    Operation::new("DELETE /me/second-factor", "takeSecondFactorOff", Holder, "Remove the second factor")
        .says("For staff. Ends the other sessions of the account.")
        .answers_with(204, "There is no second factor.", None, &[])
        .refuses(&[Code::Forbidden, Code::ConfirmationNeeded, Code::CountySecondFactor, Code::Stale, Code::Unavailable])
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
