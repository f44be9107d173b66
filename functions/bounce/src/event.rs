//! SES's events, as far as they are understood here.

use domain::{Email, feedback::Feedback};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use store::Told;

/// What was read of an event.
pub(crate) struct Read {
    /// Which of our mails it is about.
    pub(crate) mail_id: String,
    /// What it tells; nothing for a mail that is still under way.
    pub(crate) told: Option<Told>,
}

#[derive(Deserialize)]
struct Event {
    detail: Detail,
}

#[derive(Deserialize)]
struct Detail {
    mail: Mail,
    #[serde(flatten)]
    happened: Happened,
}

#[derive(Deserialize)]
struct Mail {
    timestamp: Timestamp,
    /// We send to one recipient a call.
    destination: [Email; 1],
    tags: Tags,
}

#[derive(Deserialize)]
struct Tags {
    mail: [String; 1],
}

#[derive(Deserialize)]
#[serde(tag = "eventType", rename_all_fields = "camelCase")]
enum Happened {
    Bounce { bounce: Bounce },
    Complaint { complaint: Complaint },
    Delivery { delivery: Delivery },
    Reject,
    DeliveryDelay,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    timestamp: Timestamp,
    bounce_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    timestamp: Timestamp,
    complaint_feedback_type: Option<String>,
}

#[derive(Deserialize)]
struct Delivery {
    timestamp: Timestamp,
}

/// Reads an event; `None` for what is none of SES's about a mail of ours. Why is not told: a parser quotes what it could
/// not read, and that may be a person's address.
pub(crate) fn read(event: Value) -> Option<Read> {
    let Detail { mail, happened } = serde_json::from_value::<Event>(event).ok()?.detail;
    let ([to], [mail_id]) = (mail.destination, mail.tags.mail);
    if mail_id.len() != 24 || !mail_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let told = happened.feedback(mail.timestamp);
    Some(Read { told: told.map(|(feedback, at)| Told { mail_id: mail_id.clone(), to, feedback, at }), mail_id })
}

impl Happened {
    fn feedback(self, sent_at: Timestamp) -> Option<(Feedback, Timestamp)> {
        Some(match self {
            Self::Bounce { bounce } if bounce.bounce_type == "Permanent" => {
                (Feedback::BouncedForGood, bounce.timestamp)
            }
            Self::Bounce { bounce } => (Feedback::BouncedForNow, bounce.timestamp),
            Self::Complaint { complaint } if complaint.complaint_feedback_type.as_deref() == Some("not-spam") => {
                (Feedback::Delivered, complaint.timestamp)
            }
            Self::Complaint { complaint } => (Feedback::Complained, complaint.timestamp),
            Self::Delivery { delivery } => (Feedback::Delivered, delivery.timestamp),
            Self::Reject => (Feedback::Rejected, sent_at),
            Self::DeliveryDelay => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, what: &Value) -> Value {
        let mail = json!({
            "timestamp": "2026-11-24T08:00:00.000Z", "messageId": "ses-1", "destination": ["Camille@Orange.example"],
            "tags": { "mail": ["0123456789abcdef01234567"], "ses:configuration-set": ["desk"] },
        });
        let mut detail = json!({ "eventType": kind, "mail": mail });
        detail[kind.to_lowercase()] = what.clone();
        json!({ "source": "aws.ses", "detail-type": "…", "detail": detail })
    }

    fn told(kind: &str, what: &Value) -> Option<Feedback> {
        read(event(kind, what)).expect("an event").told.map(|told| told.feedback)
    }

    #[test]
    fn re4_each_kind_of_event_is_understood() {
        let at = "2026-11-24T08:00:07.000Z";
        for (kind, what, expected) in [
            ("Bounce", json!({ "timestamp": at, "bounceType": "Permanent" }), Some(Feedback::BouncedForGood)),
            ("Bounce", json!({ "timestamp": at, "bounceType": "Transient" }), Some(Feedback::BouncedForNow)),
            ("Bounce", json!({ "timestamp": at, "bounceType": "Undetermined" }), Some(Feedback::BouncedForNow)),
            ("Complaint", json!({ "timestamp": at }), Some(Feedback::Complained)),
            ("Complaint", json!({ "timestamp": at, "complaintFeedbackType": "abuse" }), Some(Feedback::Complained)),
            ("Complaint", json!({ "timestamp": at, "complaintFeedbackType": "not-spam" }), Some(Feedback::Delivered)),
            ("Delivery", json!({ "timestamp": at }), Some(Feedback::Delivered)),
            ("Reject", json!({ "reason": "Bad content" }), Some(Feedback::Rejected)),
            ("DeliveryDelay", json!({ "delayType": "MailboxFull" }), None),
        ] {
            assert_eq!(told(kind, &what), expected, "{kind} {what}");
        }
    }

    #[test]
    fn re4_what_is_no_event_of_a_mail_of_ours_is_not_read() {
        let good = event("Delivery", &json!({ "timestamp": "2026-11-24T08:00:07Z" }));
        assert_eq!(read(good.clone()).expect("an event").told.expect("told").to.as_str(), "camille@orange.example");
        for (pointer, wrong) in [
            ("/detail/eventType", json!("Open")),
            ("/detail/delivery/timestamp", json!("demain")),
            ("/detail/mail/destination", json!([])),
            ("/detail/mail/destination", json!(["a@x.fr", "b@x.fr"])),
            ("/detail/mail/destination/0", json!("Camille\r\nBcc: <x@y.fr>")),
            ("/detail/mail/tags", json!({})),
            ("/detail/mail/tags/mail/0", json!("../REG#0123456789abcdef0123")),
            ("/detail/mail/tags/mail/0", json!("0".repeat(10_000))),
            ("/detail", Value::Null),
        ] {
            let mut broken = good.clone();
            *broken.pointer_mut(pointer).expect(pointer) = wrong;
            assert!(read(broken).is_none(), "{pointer}");
        }
        assert!(read(json!("Delivery")).is_none());
    }
}
