//! The part of SES version 2 that `deliver` needs: `SendEmail` to one recipient, on a loopback port of its own.
//! Accepted messages are stored, not sent; their delivery events are those of SES's mailbox simulator (`feedback`).

use std::{collections::BTreeMap, sync::Arc};

use http::{Method, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::{Request, body::Incoming};
use runtime::Clock;
use serde::Deserialize;
use serde_json::json;

use crate::{
    Error, control,
    door::Door,
    feedback::{Accepted, Published},
    serving::{Reply, Serving, bind, json, serve},
    state::{Mail, State},
};

/// Maximum size of a request: SES takes messages of up to 40 MB.
const MAX_BODY: usize = 40 * 1024 * 1024;

/// The request body of `SendEmail`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmail {
    from_email_address: String,
    destination: Destination,
    content: Content,
    configuration_set_name: Option<String>,
    #[serde(default)]
    email_tags: Vec<Tag>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Destination {
    #[serde(rename = "ToAddresses")]
    to: Vec<String>,
    #[serde(rename = "CcAddresses")]
    cc: Vec<String>,
    #[serde(rename = "BccAddresses")]
    bcc: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Simple,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Body,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Body {
    text: Text,
    html: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    name: String,
    value: String,
}

/// Starts the SES server. It also serves the accepted messages, for runs without a gateway.
pub(crate) async fn start(state: Arc<State>, published: Arc<Published>, clock: Clock) -> Result<Serving, Error> {
    let port = bind(([127, 0, 0, 1], 0).into()).await?;
    let door = Door::of_service(port.address, Vec::new());
    Ok(serve(port, door, move |request, _| answer(request, Arc::clone(&state), Arc::clone(&published), clock.clone())))
}

async fn answer(request: Request<Incoming>, state: Arc<State>, published: Arc<Published>, clock: Clock) -> Reply {
    let (head, body) = request.into_parts();
    match (head.method, head.uri.path()) {
        (Method::POST, "/v2/email/outbound-emails") => match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => send(&body.to_bytes(), &state, &published, &clock),
            Err(error) => refused(&error.to_string()),
        },
        (Method::GET, control::MAILS) => control::mails(&state),
        _ => json(StatusCode::NOT_FOUND, &json!({ "message": "only SendEmail is here" })),
    }
}

fn send(body: &[u8], state: &State, published: &Published, clock: &Clock) -> Reply {
    let email: SendEmail = match serde_json::from_slice(body) {
        Ok(email) => email,
        Err(error) => return refused(&error.to_string()),
    };
    let Destination { to, cc, bcc } = email.destination;
    let [to] = &[to, cc, bcc].concat()[..] else {
        return refused("one recipient a call");
    };
    let tags: BTreeMap<String, String> = email.email_tags.into_iter().map(|tag| (tag.name, tag.value)).collect();
    let kind = tags.get("kind").cloned().unwrap_or_default();
    let Simple { subject, body } = email.content.simple;
    let kept = state.keep(|number| Mail {
        id: format!("local-{number:06}"),
        kind,
        to: to.clone(),
        subject: subject.data,
        text: body.text.data,
        html: body.html.data,
        sent_at: clock.now(),
    });
    match kept {
        Ok(mail) => {
            tracing::info!(mail.id, mail.kind, from = email.from_email_address, "message accepted");
            if let Some(set) = &email.configuration_set_name {
                published.publish(&Accepted { mail: &mail, from: &email.from_email_address, set, tags: &tags });
            }
            json(StatusCode::OK, &json!({ "MessageId": mail.id }))
        }
        Err(error) => {
            tracing::error!(%error, "a message could not be stored");
            json(StatusCode::INTERNAL_SERVER_ERROR, &json!({ "message": "not kept" }))
        }
    }
}

fn refused(why: &str) -> Reply {
    let mut reply = json(StatusCode::BAD_REQUEST, &json!({ "message": why }));
    reply.headers_mut().insert("x-amzn-errortype", http::HeaderValue::from_static("BadRequestException"));
    reply
}
