//! Delivery events: what SES reports about a message, and what that says of the address it went to (requirements RE4).
//!
//! SES reports in no order, and may report twice. So delivery events are ranked: a later, milder event never overrides a
//! worse one.

use serde::{Deserialize, Serialize};

/// What SES reports about a message that it accepted, from the mildest to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryEvent {
    /// SES found something harmful in it, and did not send it.
    Rejected,
    /// The recipient's server took it.
    Delivered,
    /// It came back, and another one may arrive: a full mailbox, a server that is away, an automatic answer.
    BouncedForNow,
    /// It came back, and so will every other: there is no such mailbox.
    BouncedForGood,
    /// Its recipient called it unwanted.
    Complained,
}

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "MailState"))]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// In the outbox.
    Waiting,
    /// SES accepted it.
    Sent,
    /// The recipient's server took it.
    Delivered,
    /// It came back.
    Bounced,
    /// Its recipient called it unwanted.
    Complained,
    /// There was nobody to send it to, or SES refused it.
    Dropped,
}

/// Why an address is written to no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum AddressState {
    /// What goes there comes back.
    Bounced,
    /// Whoever is there wants none of it.
    Complained,
}

impl DeliveryEvent {
    /// Its rank: of two events, the one of the higher rank counts.
    pub fn rank(self) -> u8 {
        self as u8
    }

    /// Where the message is then.
    pub fn state(self) -> DeliveryState {
        match self {
            Self::Rejected => DeliveryState::Dropped,
            Self::Delivered => DeliveryState::Delivered,
            Self::BouncedForNow | Self::BouncedForGood => DeliveryState::Bounced,
            Self::Complained => DeliveryState::Complained,
        }
    }

    /// The state of the address after it, where that is permanent.
    pub fn of_address(self) -> Option<AddressState> {
        match self {
            Self::Rejected | Self::Delivered | Self::BouncedForNow => None,
            Self::BouncedForGood => Some(AddressState::Bounced),
            Self::Complained => Some(AddressState::Complained),
        }
    }
}

impl AddressState {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounced => "bounced",
            Self::Complained => "complained",
        }
    }

    /// Why a mail to such an address is dropped.
    pub fn why(self) -> &'static str {
        match self {
            Self::Bounced => "what goes to this address comes back",
            Self::Complained => "whoever reads this address wants no mail of ours",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn re4_the_worse_outdoes_the_better() {
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
        let told = |event: DeliveryEvent| event.of_address().map(AddressState::name);
        assert_eq!(told(DeliveryEvent::BouncedForGood), Some("bounced"));
        assert_eq!(told(DeliveryEvent::Complained), Some("complained"));
        for passing in [DeliveryEvent::Rejected, DeliveryEvent::Delivered, DeliveryEvent::BouncedForNow] {
            assert_eq!(told(passing), None);
        }
    }

    #[test]
    fn re4_a_mail_that_is_dropped_says_what_is_known_of_its_address() {
        assert!(AddressState::Bounced.why().ends_with("comes back"));
        assert!(AddressState::Complained.why().ends_with("no mail of ours"));
    }
}
