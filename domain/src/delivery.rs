//! Delivery events: the reports of SES about a message, and the state of the address that follows (requirements RE4).
//!
//! SES reports in no order, and may report twice. Therefore delivery events are ranked: a later, milder event never
//! overrides a worse one.

use serde::{Deserialize, Serialize};

/// A report of SES about a message that it accepted, from the mildest to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryEvent {
    /// SES did not send it: it found harmful content, or a suppression list has the address.
    Rejected,
    /// The recipient's server accepted it.
    Delivered,
    /// A transient bounce: a full mailbox, an unreachable server, an automatic answer. A later message may arrive.
    BouncedForNow,
    /// A permanent bounce: the mailbox does not exist. Every later message bounces too.
    BouncedForGood,
    /// The recipient marked it as unwanted.
    Complained,
}

/// The state of a message, from the outbox to its recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MailState"))]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// In the outbox.
    Waiting,
    /// SES accepted it.
    Sent,
    /// The recipient's server accepted it.
    Delivered,
    /// It bounced.
    Bounced,
    /// The recipient marked it as unwanted.
    Complained,
    /// It had no recipient left, or SES refused it.
    Dropped,
}

/// The reason why an address gets no further messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AddressState {
    /// Messages to it bounce permanently.
    Bounced,
    /// Its owner marked a message as unwanted.
    Complained,
}

impl DeliveryEvent {
    /// Returns the rank. Of two events, the one with the higher rank counts.
    pub fn rank(self) -> u8 {
        self as u8
    }

    /// Returns the state of the message after this event.
    pub fn state(self) -> DeliveryState {
        match self {
            Self::Rejected => DeliveryState::Dropped,
            Self::Delivered => DeliveryState::Delivered,
            Self::BouncedForNow | Self::BouncedForGood => DeliveryState::Bounced,
            Self::Complained => DeliveryState::Complained,
        }
    }

    /// Returns the permanent state of the address after this event, if it has one.
    pub fn of_address(self) -> Option<AddressState> {
        match self {
            Self::Rejected | Self::Delivered | Self::BouncedForNow => None,
            Self::BouncedForGood => Some(AddressState::Bounced),
            Self::Complained => Some(AddressState::Complained),
        }
    }
}

impl AddressState {
    /// Returns the stable name, the same as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }

    /// Returns the text for the log that says why a message to such an address is dropped.
    pub fn why(self) -> &'static str {
        match self {
            Self::Bounced => "messages to this address bounce permanently",
            Self::Complained => "the owner of this address marked a message as unwanted",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn re4_a_worse_event_has_a_higher_rank() {
        let in_order = [
            DeliveryEvent::Rejected,
            DeliveryEvent::Delivered,
            DeliveryEvent::BouncedForNow,
            DeliveryEvent::BouncedForGood,
            DeliveryEvent::Complained,
        ];
        assert!(in_order.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
        assert!(AddressState::Bounced < AddressState::Complained);
    }

    #[test]
    fn re4_only_permanent_bounces_and_complaints_mark_an_address() {
        let mark = |event: DeliveryEvent| event.of_address().map(AddressState::name);
        assert_eq!(mark(DeliveryEvent::BouncedForGood), Some("bounced"));
        assert_eq!(mark(DeliveryEvent::Complained), Some("complained"));
        for passing in [DeliveryEvent::Rejected, DeliveryEvent::Delivered, DeliveryEvent::BouncedForNow] {
            assert_eq!(mark(passing), None);
        }
    }

    #[test]
    fn re4_a_dropped_message_names_the_reason() {
        assert!(AddressState::Bounced.why().ends_with("bounce permanently"));
        assert!(AddressState::Complained.why().ends_with("as unwanted"));
    }
}
