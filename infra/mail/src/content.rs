//! The contents of messages (rules, section 6). The outbox stores a [`domain::message::Message`]; its content is read
//! when it is sent.

use std::fmt;

use domain::{Email, StaffRole, directory::Line, message::MessageKind};
use jiff::civil::Date;
use runtime::Secret;

/// The content of one message, by its kind.
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
        /// The last segment of the link.
        token: Secret,
        /// The first names of the patrons whose account it is; none for one that is only staff's.
        members: Vec<String>,
    },
    /// To an account: its password was changed.
    PasswordChanged {
        /// The first names of the patrons whose account it is; none for one that is only staff's.
        members: Vec<String>,
    },
    /// To an account: its sign-in has to wait, after too many wrong passwords.
    SignInWaits {
        /// The first names of the patrons whose account it is; none for one that is only staff's.
        members: Vec<String>,
    },
    /// To the address that a registration has left. Does not contain the new address.
    EmailChanged {
        /// The patron's first name.
        first_name: String,
    },
    /// To a library: its overdue patrons.
    LibraryDigest {
        /// The library's [label](domain::Library::label).
        library: String,
        /// Its overdue patrons, in the order of the list.
        patrons: Vec<Overdue>,
        /// Whether a second message lists more of them.
        continued: bool,
    },
    /// To the county: the overdue patrons, by library.
    CountyDigest {
        /// The libraries, in the order of the list.
        libraries: Vec<OverdueLibrary>,
        /// Whether a second message lists more of them.
        continued: bool,
    },
    /// To a new member of staff: their place, and how to choose a password.
    Invitation {
        /// The account's address, which the link hands to the page.
        to: Email,
        /// Who invites: a name and an address, or the address alone.
        by: String,
        /// The role.
        role: StaffRole,
        /// The [labels](domain::Library::label) of a librarian's libraries.
        libraries: Vec<String>,
    },
    /// To the county, and to the person concerned: the directory was changed.
    DirectoryChanged {
        /// The history line of the change.
        line: Box<Line>,
        /// The name of the entry; `None` if it is gone.
        name: Option<String>,
    },
}

/// A patron whose registration is overdue.
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
    /// Whether it has an address, and so could be warned.
    pub has_address: bool,
    /// Its overdue patrons, in the order of the list.
    pub patrons: Vec<Overdue>,
}

impl Content {
    /// Returns the kind of message with this content.
    pub fn kind(&self) -> MessageKind {
        match self {
            Self::Activation { .. } => MessageKind::Activation,
            Self::PasswordLink { .. } => MessageKind::PasswordLink,
            Self::PasswordChanged { .. } => MessageKind::PasswordChanged,
            Self::SignInWaits { .. } => MessageKind::SignInWaits,
            Self::EmailChanged { .. } => MessageKind::EmailChanged,
            Self::LibraryDigest { .. } => MessageKind::LibraryDigest,
            Self::CountyDigest { .. } => MessageKind::CountyDigest,
            Self::Invitation { .. } => MessageKind::Invitation,
            Self::DirectoryChanged { .. } => MessageKind::DirectoryChanged,
        }
    }

    /// Returns the subject. It contains no name, so that no name can break the header (requirements AP7).
    pub(crate) fn subject(&self) -> String {
        match self {
            Self::Activation { .. } => "Votre accès aux ressources numériques est ouvert".into(),
            Self::PasswordLink { .. } => "Choisissez votre mot de passe".into(),
            Self::PasswordChanged { .. } => "Votre mot de passe a été changé".into(),
            Self::SignInWaits { .. } => "Plusieurs essais erronés pour votre compte".into(),
            Self::EmailChanged { .. } => "Une inscription a changé d’adresse e-mail".into(),
            Self::LibraryDigest { patrons, .. } => {
                format!("{} en attente de validation", users(patrons.len()))
            }
            Self::CountyDigest { libraries, .. } => {
                let patrons = libraries.iter().map(|library| library.patrons.len()).sum();
                format!("{} en attente, à valider par la MDO", users(patrons))
            }
            Self::Invitation { .. } => "Votre compte pour gérer les ressources numériques".into(),
            Self::DirectoryChanged { .. } => "L’annuaire des ressources numériques a été modifié".into(),
        }
    }
}

/// Prints the kind only, so that no personal data reaches a log (requirements AP8).
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({})", self.kind().name())
    }
}

fn users(count: usize) -> String {
    if count < 2 { format!("{count} usager") } else { format!("{count} usagers") }
}
