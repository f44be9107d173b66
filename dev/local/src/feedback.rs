//! What SES tells of the mails it accepted, as its mailbox simulator would have it: who is written to as `bounce…` or
//! `complaint…` at `simulator.amazonses.com`, or at all at `rebond.example`, does not get the mail; all others do. It goes
//! through the template's rule to `bounce`, as EventBridge would bring it.
//!
//! Events that were not brought yet go down with the process: their mails stay `sent`, as on AWS where an event is lost.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bounce::Bounce;
use serde_json::{Value, json};

use crate::{Error, filter::Filter, state::Mail, template::REGION};

/// Events that were published and not brought yet.
#[derive(Debug, Default)]
pub(crate) struct Published(Mutex<Vec<Value>>);

/// A mail that SES accepted, with what of the call comes back in its events.
pub(crate) struct Accepted<'a> {
    pub(crate) mail: &'a Mail,
    pub(crate) from: &'a str,
    pub(crate) set: &'a str,
    pub(crate) tags: &'a BTreeMap<String, String>,
}

impl Published {
    /// Publishes what becomes of a mail.
    pub(crate) fn tell_of(&self, accepted: &Accepted<'_>) {
        self.add(accepted.events());
    }

    fn add(&self, events: Vec<Value>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(events);
    }

    fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Accepted<'_> {
    fn events(&self) -> Vec<Value> {
        let at = self.mail.sent_at;
        let delivered = || self.event("Email Delivered", "Delivery", json!({ "timestamp": at }));
        let (local, domain) = self.mail.to.split_once('@').unwrap_or_default();
        let simulated = domain == "simulator.amazonses.com";
        if simulated && local.starts_with("complaint") {
            let complaint = json!({ "timestamp": at, "complaintFeedbackType": "abuse" });
            vec![delivered(), self.event("Email Complaint Received", "Complaint", complaint)]
        } else if domain == "rebond.example" || simulated && local.starts_with("bounce") {
            let bounce = json!({ "timestamp": at, "bounceType": "Permanent", "bounceSubType": "General" });
            vec![self.event("Email Bounced", "Bounce", bounce)]
        } else {
            vec![delivered()]
        }
    }

    fn event(&self, title: &str, kind: &str, what: Value) -> Value {
        let Mail { id, to, sent_at, .. } = self.mail;
        let mut tags: BTreeMap<&str, [&str; 1]> = self.tags.iter().map(|(name, value)| (&**name, [&**value])).collect();
        tags.insert("ses:configuration-set", [self.set]);
        let mail = json!({
            "timestamp": sent_at, "source": self.from, "messageId": id, "destination": [to], "tags": tags,
        });
        let mut event = json!({
            "version": "0", "detail-type": title, "source": "aws.ses", "time": sent_at, "region": REGION,
            "detail": { "eventType": kind, "mail": mail },
        });
        event["detail"][kind.to_lowercase()] = what;
        event
    }
}

/// Brings events to `bounce`.
pub(crate) struct Feedback {
    published: Arc<Published>,
    rule: Filter,
    bounce: Arc<Bounce>,
}

impl Feedback {
    pub(crate) fn new(published: Arc<Published>, pattern: Value, bounce: Bounce) -> Result<Self, Error> {
        Ok(Self { published, rule: Filter::new(vec![pattern])?, bounce: Arc::new(bounce) })
    }

    /// Brings what was published so far, one event a call; what fails comes again the next time.
    pub(crate) async fn bring(&self) {
        for event in self.published.take().into_iter().filter(|event| self.rule.passes(event)) {
            let (bounce, told) = (Arc::clone(&self.bounce), event.clone());
            // Apart, so that a panic is a failure like any other.
            let noted = tokio::spawn(async move { bounce.note(told).await.map_err(|why| why.to_string()) }).await;
            if let Err(why) = noted.map_err(|panic| panic.to_string()).flatten() {
                tracing::warn!(why, "an event must come again");
                self.published.add(vec![event]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn kinds(to: &str) -> Vec<String> {
        let mail = Mail {
            id: "local-1".to_owned(),
            kind: "activation".to_owned(),
            to: to.to_owned(),
            subject: String::new(),
            text: String::new(),
            html: String::new(),
            sent_at: Timestamp::UNIX_EPOCH,
        };
        let accepted = Accepted { mail: &mail, from: "a@oise.example", set: "desk", tags: &BTreeMap::new() };
        let events = accepted.events();
        assert!(events.iter().all(|event| event["detail"]["mail"]["tags"]["ses:configuration-set"] == json!(["desk"])));
        events.iter().map(|event| event["detail"]["eventType"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn who_is_written_to_says_what_becomes_of_it() {
        assert_eq!(kinds("camille@orange.example"), ["Delivery"]);
        assert_eq!(kinds("success@simulator.amazonses.com"), ["Delivery"]);
        assert_eq!(kinds("bounce+camille@simulator.amazonses.com"), ["Bounce"]);
        assert_eq!(kinds("camille@rebond.example"), ["Bounce"]);
        assert_eq!(kinds("complaint@simulator.amazonses.com"), ["Delivery", "Complaint"]);
        assert_eq!(kinds("bounce@orange.example"), ["Delivery"]);
    }
}
