//! Delivery events of accepted messages, in the manner of SES's mailbox simulator. They go through the template's rule
//! to `bounce`, as EventBridge would send them.
//!
//! | Recipient | Events |
//! |---|---|
//! | `bounce…@simulator.amazonses.com`, any address at `rebond.example` | permanent bounce |
//! | `suppressionlist…@simulator.amazonses.com` | permanent bounce of a suppressed address |
//! | `complaint…@simulator.amazonses.com` | delivery, complaint |
//! | any other | delivery |
//!
//! Events that were not processed are lost with the process: their messages stay `sent`, as after a lost event on AWS.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use bounce::Bounce;
use serde_json::{Value, json};

use crate::{Error, filter::Filter, state::Mail, template::REGION};

/// Events that `bounce` has not processed yet.
#[derive(Debug, Default)]
pub(crate) struct Published(Mutex<Vec<Value>>);

/// A message that SES accepted, with the parts of the call that its events repeat.
pub(crate) struct Accepted<'a> {
    pub(crate) mail: &'a Mail,
    pub(crate) from: &'a str,
    pub(crate) set: &'a str,
    pub(crate) tags: &'a BTreeMap<String, String>,
}

impl Published {
    /// Publishes the delivery events of a message.
    pub(crate) fn publish(&self, accepted: &Accepted<'_>) {
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
        } else if simulated && local.starts_with("suppressionlist") {
            vec![self.bounced("Suppressed")]
        } else if domain == "rebond.example" || simulated && local.starts_with("bounce") {
            vec![self.bounced("General")]
        } else {
            vec![delivered()]
        }
    }

    fn bounced(&self, subtype: &str) -> Value {
        let bounce = json!({ "timestamp": self.mail.sent_at, "bounceType": "Permanent", "bounceSubType": subtype });
        self.event("Email Bounced", "Bounce", bounce)
    }

    fn event(&self, title: &str, kind: &str, details: Value) -> Value {
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
        event["detail"][kind.to_lowercase()] = details;
        event
    }
}

/// Calls `bounce` with delivery events.
pub(crate) struct Feedback {
    published: Arc<Published>,
    rule: Filter,
    bounce: Arc<Bounce>,
}

impl Feedback {
    pub(crate) fn new(published: Arc<Published>, pattern: Value, bounce: Bounce) -> Result<Self, Error> {
        Ok(Self { published, rule: Filter::new(vec![pattern])?, bounce: Arc::new(bounce) })
    }

    /// Calls `bounce` once for each published event. A failed event stays published for the next time.
    pub(crate) async fn dispatch(&self) {
        for event in self.published.take().into_iter().filter(|event| self.rule.passes(event)) {
            let (bounce, own) = (Arc::clone(&self.bounce), event.clone());
            // In a task of its own, so that a panic counts as a failure.
            let noted = tokio::spawn(async move { bounce.note(own).await.map_err(|why| why.to_string()) }).await;
            if let Err(why) = noted.map_err(|panic| panic.to_string()).flatten() {
                tracing::warn!(why, "a delivery event failed and will be retried");
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
    fn the_recipient_determines_the_delivery_events() {
        assert_eq!(kinds("camille@orange.example"), ["Delivery"]);
        assert_eq!(kinds("success@simulator.amazonses.com"), ["Delivery"]);
        assert_eq!(kinds("bounce+camille@simulator.amazonses.com"), ["Bounce"]);
        assert_eq!(kinds("camille@rebond.example"), ["Bounce"]);
        assert_eq!(kinds("suppressionlist@simulator.amazonses.com"), ["Bounce"]);
        assert_eq!(kinds("complaint@simulator.amazonses.com"), ["Delivery", "Complaint"]);
        assert_eq!(kinds("bounce@orange.example"), ["Delivery"]);
    }
}
