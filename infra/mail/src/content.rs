//! What a message says (rules, section 6). [`domain::message::Message`] is stored in the outbox; its content is read
//! when it is sent.

use std::fmt;

use domain::message::MessageKind;
use jiff::civil::Date;
use runtime::Secret;

/// What one message says, by its kind.
pub enum Content {
    /// To a patron: access is open.
    Activation {
        /// The patron's first name.
        first_name: String,
        /// The library's [label](domain::Library::label).
        library: String,
        /// The first day without access.
        expires_on: Date,
        /// The names of the resources.
        resources: Vec<String>,
    },
    /// To an account: the link to choose a password, good for an hour.
    PasswordLink {
        /// What the link ends in.
        token: Secret,
    },
    /// To an account: its password was changed.
    PasswordChanged,
    /// To the address that an account has left. The new one is not in it.
    EmailChanged,
    /// To a library: its overdue patrons.
    LibraryDigest {
        /// The library's [label](domain::Library::label).
        library: String,
        /// In the order in which they are listed.
        patrons: Vec<Overdue>,
    },
    /// To the county: the overdue patrons that nobody has seen to.
    CountyDigest {
        /// In the order in which they are listed.
        libraries: Vec<OverdueLibrary>,
    },
}

/// A patron whose registration is pending for too long.
pub struct Overdue {
    /// Last name.
    pub last_name: String,
    /// First name.
    pub first_name: String,
    /// The day of the registration.
    pub registered_on: Date,
}

/// A library in the county's digest.
pub struct OverdueLibrary {
    /// Its [label](domain::Library::label).
    pub library: String,
    /// Whether it could be warned.
    pub has_address: bool,
    /// In the order in which they are listed.
    pub patrons: Vec<Overdue>,
}

impl Content {
    /// The kind of message that says this.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Activation { .. } => MessageKind::Activation,
            Self::PasswordLink { .. } => MessageKind::PasswordLink,
            Self::PasswordChanged => MessageKind::PasswordChanged,
            Self::EmailChanged => MessageKind::EmailChanged,
            Self::LibraryDigest { .. } => MessageKind::LibraryDigest,
            Self::CountyDigest { .. } => MessageKind::CountyDigest,
        }
    }

    /// One line, whatever people are called: of what the mail holds, it says numbers only.
    pub(crate) fn subject(&self) -> String {
        match self {
            Self::Activation { .. } => "Votre accès aux ressources numériques est ouvert".into(),
            Self::PasswordLink { .. } => "Choisissez votre mot de passe".into(),
            Self::PasswordChanged => "Votre mot de passe a été changé".into(),
            Self::EmailChanged => "L’adresse e-mail de votre compte a été changée".into(),
            Self::LibraryDigest { patrons, .. } => {
                format!("{} en attente de validation", users(patrons.len()))
            }
            Self::CountyDigest { libraries } => {
                let patrons = libraries.iter().map(|library| library.patrons.len()).sum();
                format!("{} en attente, à valider par la MDO", users(patrons))
            }
        }
    }
}

/// Nothing of a person reaches a log by way of `{:?}`.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.kind().name())
    }
}

fn users(count: usize) -> String {
    if count < 2 { format!("{count} usager") } else { format!("{count} usagers") }
}
