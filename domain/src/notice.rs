//! The mails that the desk sends, by what they are about. They hold references, not contents: what a mail says is
//! read when it is sent, so that nothing of a person stays in an outbox and an erased person is written to no more.

use serde::{Deserialize, Serialize};

use crate::{Email, LibraryId, RegistrationId};

/// One mail to one recipient (rules, section 6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Notice {
    /// Access is open: until when, which resources, how to set the password.
    Activation {
        /// Whose registration.
        registration_id: RegistrationId,
    },
    /// The link to choose a password. The link itself is made when the mail is sent.
    PasswordLink {
        /// Whose account.
        to: Email,
    },
    /// A password was changed. Holds no secret.
    PasswordChanged {
        /// Whose account.
        to: Email,
    },
    /// The account has moved to another address; sent to the old one.
    EmailChanged {
        /// The old address.
        to: Email,
    },
    /// A library's overdue patrons.
    LibraryDigest {
        /// The library warned.
        library_id: LibraryId,
    },
    /// The county's overdue patrons, by library.
    CountyDigest,
}

impl Notice {
    /// The kind's stable name, as `/_local/mails` and the mail's tag give it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Activation { .. } => "activation",
            Self::PasswordLink { .. } => "password-link",
            Self::PasswordChanged { .. } => "password-changed",
            Self::EmailChanged { .. } => "email-changed",
            Self::LibraryDigest { .. } => "library-digest",
            Self::CountyDigest => "county-digest",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn section_6_a_mail_s_kind_is_the_one_that_its_item_says() {
        let to: Email = "camille@orange.fr".parse().unwrap();
        let kinds = [
            Notice::Activation { registration_id: "0123456789abcdef01234567".parse().unwrap() },
            Notice::PasswordLink { to: to.clone() },
            Notice::PasswordChanged { to: to.clone() },
            Notice::EmailChanged { to },
            Notice::LibraryDigest { library_id: "LI10511".parse().unwrap() },
            Notice::CountyDigest,
        ]
        .map(|notice| notice.kind());
        let contract =
            ["activation", "password-link", "password-changed", "email-changed", "library-digest", "county-digest"];
        assert_eq!(kinds, contract);
    }
}
