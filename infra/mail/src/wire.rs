//! Tests of requests to SES and its answers, against a server that answers a few calls.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    thread::{JoinHandle, spawn},
};

use runtime::{Aws, Clock, Endpoints, Ids, Metrics};
use serde_json::{Value, json};

use super::*;

/// Starts a server that answers one call with `status` and `body`. Its thread returns the request's body.
fn ses(status: &'static str, body: &'static str) -> (String, JoinHandle<Value>) {
    ses_in_turn([(status, body)])
}

/// Starts a server that answers one call with each status and body. Its thread returns the last request's body.
fn ses_in_turn<const N: usize>(answers: [(&'static str, &'static str); N]) -> (String, JoinHandle<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let calls = spawn(move || {
        let sent = answers.map(|(status, body)| answer_one(&listener, status, body));
        sent.into_iter().last().unwrap()
    });
    (address, calls)
}

fn answer_one(listener: &TcpListener, status: &str, body: &str) -> Value {
    let mut stream = BufReader::new(listener.accept().unwrap().0);
    let mut length = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        match line.trim_end().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            None if line == "\r\n" => break,
            _ => {}
        }
    }
    let mut sent = vec![0; length];
    stream.read_exact(&mut sent).unwrap();
    let length = body.len();
    write!(stream.get_mut(), "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
        .unwrap();
    serde_json::from_slice(&sent).unwrap()
}

fn runtime(sesv2: &str, portal: &str) -> Runtime {
    let variables = [
        ("MAIL_FROM", "portail@oise.example"),
        ("MAIL_CONFIGURATION_SET", "desk"),
        ("CONTACT_EMAIL", "mdo@oise.example"),
        ("CONTACT_PHONE", "03 44 00 00 00"),
        ("PORTAL_URL", portal),
    ];
    Runtime {
        env: Env::of(variables.map(|(name, value)| (name.to_owned(), value.to_owned()))),
        clock: Clock::System,
        ids: Ids::counted(),
        aws: Aws::loopback(Endpoints { sesv2: Some(sesv2.to_owned()), ..Endpoints::default() }),
        metrics: Metrics::default(),
    }
}

async fn send(sesv2: &str) -> Result<String, SendError> {
    let mailer = Mailer::new(&runtime(sesv2, "https://portail.example/")).unwrap();
    mailer.send("0a", &"camille@oise.example".parse().unwrap(), &Content::PasswordChanged { members: vec![] }).await
}

#[tokio::test]
async fn re4_one_call_has_one_recipient_and_its_kind() {
    let (address, call) = ses("200 OK", r#"{"MessageId": "ses-1"}"#);
    assert_eq!(send(&address).await.unwrap(), "ses-1");
    let sent = call.join().unwrap();
    assert_eq!(sent["Destination"], json!({"ToAddresses": ["camille@oise.example"]}));
    assert_eq!(
        sent["EmailTags"],
        json!([{"Name": "kind", "Value": "password-changed"}, {"Name": "mail", "Value": "0a"}])
    );
    assert_eq!(sent["ConfigurationSetName"], "desk");
    assert_eq!(sent["FromEmailAddress"], format!("{SENDER_NAME} <portail@oise.example>"));
    assert_eq!(sent["ReplyToAddresses"], json!(["mdo@oise.example"]));
    let content = &sent["Content"]["Simple"];
    assert_eq!(content["Subject"], json!({"Data": "Votre mot de passe a été changé", "Charset": "UTF-8"}));
    assert_eq!(content["Body"]["Text"]["Charset"], "UTF-8");
    assert_eq!(content["Body"]["Html"]["Charset"], "UTF-8");
    assert!(content["Body"]["Text"]["Data"].as_str().unwrap().contains("\nhttps://portail.example\n"));
}

#[tokio::test]
async fn re4_a_refusal_is_logged_without_the_address() {
    let refusal = r#"{"__type": "MessageRejected", "message": "Illegal address: camille@oise.example"}"#;
    let (address, _call) = ses("400 Bad Request", refusal);
    let error = send(&address).await.unwrap_err();
    assert!(matches!(&error, SendError::Later(why) if why == "MessageRejected"), "{error}");
}

#[tokio::test]
async fn c13_without_a_connection_the_message_was_not_accepted() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = send(&format!("http://{closed}")).await.unwrap_err();
    assert!(matches!(error, SendError::Later(_)), "{error}");
}

#[tokio::test]
async fn c13_an_answer_that_is_cut_off_is_an_unknown_outcome() {
    let (address, _call) = ses("200 OK", "{\"Messa");
    let error = send(&address).await.unwrap_err();
    assert!(matches!(error, SendError::Unknown(_)), "{error}");
}

#[tokio::test]
async fn re4_a_message_is_signed_again_when_ses_refuses_the_clock() {
    let refusal = ("403 Forbidden", r#"{"__type": "InvalidSignatureException", "message": "Signature expired"}"#);
    let (address, calls) = ses_in_turn([refusal, ("200 OK", r#"{"MessageId": "ses-1"}"#)]);
    assert_eq!(send(&address).await.unwrap(), "ses-1");
    calls.join().unwrap();
}

#[test]
fn a_portal_without_a_scheme_is_no_link() {
    let error = Mailer::new(&runtime("http://127.0.0.1:9", "portail.example")).unwrap_err();
    assert!(error.to_string().contains("PORTAL_URL"), "{error}");
}
