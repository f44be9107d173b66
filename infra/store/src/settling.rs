//! Registrations put in place many at a time: for a desk that is to begin with a whole county. No function does so.

use domain::Registration;

use crate::{Attributes, Credentials, Error, StoredAccount, item::RegistrationItem, registrations::patron};

/// What lies in the table of a registration that has been there for a while: itself and its account, which has no
/// password yet. Its history begins here, its mails are sent and forgotten.
pub fn settled(registration: &Registration, generation: String) -> Result<[Attributes; 2], Error> {
    let account = StoredAccount::new(patron(registration), Credentials::default(), generation);
    Ok([RegistrationItem::new(registration, 1, None).into_attributes()?, account.into_attributes()?])
}
