//! Messages to people, sent through SES. The only crate that names `aws-sdk-sesv2`.
//!
//! A [`Content`] holds the data of one message, which its sender has read; the templates turn it into plain text and
//! HTML. Each call has one recipient.

mod changes;
mod content;
mod error;
mod render;

use aws_sdk_sesv2::{
    Client,
    config::retry::RetryConfig,
    error::{BuildError, ProvideErrorMetadata},
    types::{Body, Content as Encoded, Destination, EmailContent, Message as Simple, MessageTag},
};
use domain::Email;
use runtime::{Env, Misconfigured, Runtime};

pub use content::{Content, Overdue, OverdueLibrary};
pub use error::SendError;
use render::{Contact, Mail};

/// "Médiathèque départementale de l’Oise", encoded for a header by RFC 2047.
const SENDER_NAME: &str = "=?UTF-8?Q?M=C3=A9diath=C3=A8que_d=C3=A9partementale_de_l=E2=80=99Oise?=";

/// The tag that carries a message's id.
const MAIL_TAG: &str = "mail";

/// The sender of messages; cheap to clone.
#[derive(Debug, Clone)]
pub struct Mailer {
    client: Client,
    sender: String,
    configuration_set: String,
    contact: Contact,
}

impl Mailer {
    /// Reads the sender (`MAIL_FROM`), SES's configuration set, which says where SES reports delivery events
    /// (`MAIL_CONFIGURATION_SET`), the contact for questions (`CONTACT_EMAIL`, `CONTACT_PHONE`) and the portal's
    /// address (`PORTAL_URL`). Sends nothing.
    ///
    /// # Errors
    /// [`Misconfigured`] if one of these variables, or one of AWS, is missing or invalid.
    pub fn new(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let from: Email = runtime.env.parsed("MAIL_FROM")?;
        let contact = Contact {
            email: runtime.env.parsed("CONTACT_EMAIL")?,
            phone: runtime.env.required("CONTACT_PHONE")?.to_owned(),
            portal: portal(&runtime.env)?,
        };
        let configuration_set = runtime.env.required("MAIL_CONFIGURATION_SET")?.to_owned();
        Ok(Self { client: client(runtime)?, sender: format!("{SENDER_NAME} <{from}>"), configuration_set, contact })
    }

    /// Sends one message to one recipient, and returns SES's id of it. `message_id` goes along as a tag, which SES
    /// repeats in each delivery event of the message.
    ///
    /// # Errors
    /// [`SendError`], whose variants say whether and when to try again.
    pub async fn send(&self, message_id: &str, to: &Email, content: &Content) -> Result<String, SendError> {
        let mail = content.render(&self.contact)?;
        let call = self
            .client
            .send_email()
            .configuration_set_name(&self.configuration_set)
            .from_email_address(&self.sender)
            .reply_to_addresses(self.contact.email.as_str())
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(EmailContent::builder().simple(simple(mail)?).build())
            .email_tags(MessageTag::builder().name("kind").value(content.kind().name()).build()?)
            .email_tags(MessageTag::builder().name(MAIL_TAG).value(message_id).build()?);
        let mut answer = call.clone().send().await;
        if answer.as_ref().is_err_and(|error| error.code().is_some_and(is_about_the_clock)) {
            // Refused for certain, and the client has taken SES's clock from the answer.
            answer = call.send().await;
        }
        let answer = answer.map_err(|error| SendError::from_sdk(&error, to))?;
        Ok(answer.message_id.unwrap_or_default())
    }
}

/// Builds the client. SES has no idempotency token, and a second attempt after a timeout may send twice. Therefore a
/// call is one attempt, which may take the time of the whole call; `deliver` knows when to try again.
fn client(runtime: &Runtime) -> Result<Client, Misconfigured> {
    let aws = runtime.aws.config()?;
    let mut config = aws_sdk_sesv2::config::Builder::from(aws).retry_config(RetryConfig::disabled());
    if let Some(usual) = aws.timeout_config() {
        let mut timeouts = usual.to_builder();
        timeouts.set_operation_attempt_timeout(usual.operation_timeout());
        config = config.timeout_config(timeouts.build());
    }
    if let Some(endpoint) = &runtime.aws.endpoints.sesv2 {
        config = config.endpoint_url(endpoint);
    }
    Ok(Client::from_conf(config.build()))
}

/// Returns whether AWS refused a signature, which it does if our clock is wrong.
fn is_about_the_clock(code: &str) -> bool {
    matches!(code, "InvalidSignatureException" | "RequestTimeTooSkewed" | "SignatureDoesNotMatch")
}

/// Returns the portal's address, with which the links in messages begin.
fn portal(env: &Env) -> Result<String, Misconfigured> {
    let url = env.required("PORTAL_URL")?.trim_end_matches('/');
    if url.starts_with("https://") || url.starts_with("http://") {
        Ok(url.to_owned())
    } else {
        let why = "it begins with neither https:// nor http://".into();
        Err(Misconfigured::Invalid { name: "PORTAL_URL".into(), why })
    }
}

fn simple(mail: Mail) -> Result<Simple, BuildError> {
    let utf8 = |data: String| Encoded::builder().charset("UTF-8").data(data).build();
    let body = Body::builder().text(utf8(mail.text)?).html(utf8(mail.html)?).build();
    Ok(Simple::builder().subject(utf8(mail.subject)?).body(body).build())
}

#[cfg(test)]
mod wire;
