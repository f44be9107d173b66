//! The county library's procedure, as rules.
//!
//! Pure: a rule takes the facts (a record, today's date, the caller) and returns a decision or a refusal. The crate
//! reads no clock, draws no random numbers, and knows neither HTTP nor the database.
//!
//! | In the library | Here |
//! |---|---|
//! | usager, abonné | [`Person`], the patron |
//! | inscription | [`Registration`] |
//! | bibliothèque, ressource | [`Library`], [`Resource`] |
//! | foyer | the registrations of one [`Account`] |
//! | bibliothécaire, MDO | [`StaffRole::Librarian`], [`StaffRole::County`] |

pub mod account;
pub mod actions;
pub mod calendar;
pub mod collation;
pub mod delivery;
pub mod directory;
pub mod email;
pub mod error;
pub mod history;
pub mod household;
pub mod library;
pub mod message;
pub mod name;
pub mod network;
pub mod password;
pub mod person;
pub mod registration;
pub mod resource;
#[cfg(feature = "schema")]
pub mod schema;
pub mod search;
pub mod second_factor;
mod strength;
pub mod text;
pub mod throttle;
pub mod tries;

pub use account::{Account, Role, Staff, StaffRole};
pub use actions::{Actions, Activation, Renewal};
pub use email::Email;
pub use error::{Fault, Refusal};
pub use library::{Library, LibraryId};
pub use person::Person;
pub use registration::{Registration, RegistrationId, Status};
pub use resource::{Resource, ResourceId, ResourceUrl};
