//! Parses SES's delivery events, as far as they are used here.

use domain::{Email, delivery::DeliveryEvent};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use store::DeliveryReport;

/// An event about a message of the desk.
pub(crate) struct Parsed {
    /// The message's id.
    pub(crate) message_id: String,
    /// Whether SES did not send it because the address is on a suppression list.
    pub(crate) suppressed: bool,
    /// The delivery event; `None` if the message is still under way.
    pub(crate) report: Option<DeliveryReport>,
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
    /// Every message is sent to one recipient (requirements RE4).
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
struct Bounce {
    timestamp: Timestamp,
    #[serde(rename = "bounceType")]
    kind: BounceType,
    #[serde(rename = "bounceSubType", default)]
    cause: BounceCause,
}

#[derive(Deserialize)]
enum BounceType {
    Permanent,
    /// `Transient` and `Undetermined`.
    #[serde(other)]
    Other,
}

#[derive(Default, PartialEq, Eq, Deserialize)]
enum BounceCause {
    /// The account's suppression list has the address.
    OnAccountSuppressionList,
    /// SES's own suppression list has the address.
    Suppressed,
    /// The recipient's server reported the bounce.
    #[default]
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    timestamp: Timestamp,
    complaint_feedback_type: Option<ComplaintType>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ComplaintType {
    NotSpam,
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Delivery {
    timestamp: Timestamp,
}

/// Parses an event; `None` if it is not SES's or not about a message of the desk. The reason is not returned, because a
/// parser's error quotes its input, which may contain a person's address.
pub(crate) fn parse(event: Value) -> Option<Parsed> {
    let Detail { mail, happened } = serde_json::from_value::<Event>(event).ok()?.detail;
    let ([to], [message_id]) = (mail.destination, mail.tags.mail);
    if message_id.len() != 24 || !message_id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let suppressed = happened.is_suppressed();
    let report = happened.delivery_event(mail.timestamp).map(|(event, at)| DeliveryReport {
        message_id: message_id.clone(),
        to,
        event,
        at,
    });
    Some(Parsed { message_id, suppressed, report })
}

impl Happened {
    /// Returns whether the event is a bounce that SES reports in place of sending. It says nothing of the address today:
    /// a list keeps an address after its mailbox has come back.
    fn is_suppressed(&self) -> bool {
        matches!(self, Self::Bounce { bounce } if bounce.cause != BounceCause::Other)
    }

    fn delivery_event(self, sent_at: Timestamp) -> Option<(DeliveryEvent, Timestamp)> {
        let suppressed = self.is_suppressed();
        Some(match self {
            Self::Bounce { bounce } if suppressed => (DeliveryEvent::Rejected, bounce.timestamp),
            Self::Bounce { bounce } => {
                let event = match bounce.kind {
                    BounceType::Permanent => DeliveryEvent::BouncedForGood,
                    BounceType::Other => DeliveryEvent::BouncedForNow,
                };
                (event, bounce.timestamp)
            }
            Self::Complaint { complaint } => {
                let event = match complaint.complaint_feedback_type {
                    Some(ComplaintType::NotSpam) => DeliveryEvent::Delivered,
                    Some(ComplaintType::Other) | None => DeliveryEvent::Complained,
                };
                (event, complaint.timestamp)
            }
            Self::Delivery { delivery } => (DeliveryEvent::Delivered, delivery.timestamp),
            Self::Reject => (DeliveryEvent::Rejected, sent_at),
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

    fn reported(kind: &str, what: &Value) -> Option<DeliveryEvent> {
        parse(event(kind, what)).expect("an event").report.map(|report| report.event)
    }

    #[test]
    fn re4_each_kind_of_event_is_parsed() {
        let at = "2026-11-24T08:00:07.000Z";
        for (kind, what, expected) in [
            ("Bounce", json!({ "timestamp": at, "bounceType": "Permanent" }), Some(DeliveryEvent::BouncedForGood)),
            (
                "Bounce",
                json!({ "timestamp": at, "bounceType": "Permanent", "bounceSubType": "NoEmail" }),
                Some(DeliveryEvent::BouncedForGood),
            ),
            ("Bounce", json!({ "timestamp": at, "bounceType": "Transient" }), Some(DeliveryEvent::BouncedForNow)),
            ("Bounce", json!({ "timestamp": at, "bounceType": "Undetermined" }), Some(DeliveryEvent::BouncedForNow)),
            ("Complaint", json!({ "timestamp": at }), Some(DeliveryEvent::Complained)),
            (
                "Complaint",
                json!({ "timestamp": at, "complaintFeedbackType": "abuse" }),
                Some(DeliveryEvent::Complained),
            ),
            (
                "Complaint",
                json!({ "timestamp": at, "complaintFeedbackType": "not-spam" }),
                Some(DeliveryEvent::Delivered),
            ),
            ("Delivery", json!({ "timestamp": at }), Some(DeliveryEvent::Delivered)),
            ("Reject", json!({ "reason": "Bad content" }), Some(DeliveryEvent::Rejected)),
            ("DeliveryDelay", json!({ "delayType": "MailboxFull" }), None),
        ] {
            assert_eq!(reported(kind, &what), expected, "{kind} {what}");
        }
    }

    #[test]
    fn w2_a_suppressed_message_is_no_bounce_of_its_address() {
        let at = "2026-11-24T08:00:07.000Z";
        for subtype in ["OnAccountSuppressionList", "Suppressed"] {
            let bounce = json!({ "timestamp": at, "bounceType": "Permanent", "bounceSubType": subtype });
            let event = reported("Bounce", &bounce).expect(subtype);
            assert_eq!((event, event.of_address()), (DeliveryEvent::Rejected, None), "{subtype}");
        }
    }

    #[test]
    fn re4_other_events_are_not_parsed() {
        let good = event("Delivery", &json!({ "timestamp": "2026-11-24T08:00:07Z" }));
        assert_eq!(
            parse(good.clone()).expect("an event").report.expect("a report").to.as_str(),
            "camille@orange.example"
        );
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
            assert!(parse(broken).is_none(), "{pointer}");
        }
        assert!(parse(json!("Delivery")).is_none());
    }
}
