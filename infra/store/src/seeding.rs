//! Seeding: items for bulk-loading test data. No function uses it.

use domain::{Account, Registration};

use crate::{Attributes, Error, StoredAccount, Versioned, item::RegistrationItem};

/// Encodes a registration made earlier: its item at version 1 and that of its account, without a password, history
/// lines or messages.
///
/// # Errors
/// [`Error::Malformed`] if a value can't be encoded.
pub fn seed_items(registration: &Registration, generation: String) -> Result<[Attributes; 2], Error> {
    let account = Account::of_patron(registration.person.email.clone(), registration.id.clone());
    let made = RegistrationItem::new(Versioned::made(registration.clone()));
    Ok([made.into_attributes()?, StoredAccount::new(account, generation).into_attributes()?])
}
