//! Seeding: items for bulk-loading test data. No function uses it.

use domain::Registration;

use crate::{Attributes, Credentials, Error, StoredAccount, item::RegistrationItem, registrations::patron};

/// Encodes a registration made earlier: its item at version 1 and that of its account, without a password, history
/// lines or messages.
///
/// # Errors
/// [`Error::Malformed`] if a value can't be encoded.
pub fn seed_items(registration: &Registration, generation: String) -> Result<[Attributes; 2], Error> {
    let account = StoredAccount::new(patron(registration), Credentials::default(), generation);
    Ok([RegistrationItem::new(registration, 1, None).into_attributes()?, account.into_attributes()?])
}
