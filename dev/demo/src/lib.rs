//! The sample county: the real libraries of the Oise, 300 invented patrons of all statuses and ages, and accounts to
//! sign in with.
//!
//! | Data | Source |
//! |---|---|
//! | 234 libraries | the ministry's register (`libraries`); most addresses are invented, five libraries have none |
//! | the patrons' towns | the portal's list (`towns`) |
//! | 7 resources | `resources` |
//! | the county, 3 librarians | `staff`, with public passwords |
//! | 300 patrons | `people` invents them, `stories` takes each to its state of today; one has a password |
//!
//! The data is the same at each run, ids included; only the dates are relative to today. All writes go through the
//! procedure's rules and the store, and no message is queued. Loading again changes nothing; an interrupted load is
//! completed.

mod county;
mod draw;
mod libraries;
mod patrons;
mod people;
mod resources;
mod staff;
mod stories;
mod towns;
mod writing;

use std::fmt;

use domain::{Email, Fault, Refusal};
use hashing::{Hasher, HashingFailed};
use jiff::Timestamp;
use runtime::Ids;
use store::{Credentials, Store};

pub use county::County;
use patrons::{Patron, WITH_PASSWORD};
use writing::Progress;

/// Reports why the demonstration was not loaded. Errors other than [`Error::Store`] and [`Error::Hashing`] are defects
/// of its data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row of the list of libraries is invalid.
    #[error("the list of libraries can't be read: {0}")]
    Libraries(csv::Error),
    /// The list of towns is not in the expected format.
    #[error("the list of towns can't be read: {0}")]
    Towns(serde_json::Error),
    /// The registration form would refuse an invented value.
    #[error("an invented value is invalid: {0}")]
    Invented(#[from] Fault),
    /// A story breaks the procedure's rules.
    #[error("an invented story breaks the rules: {0}")]
    Refused(Refusal),
    /// A day does not exist in the calendar.
    #[error("an invented day does not exist: {0}")]
    Day(jiff::Error),
    /// Data that others are generated from is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    /// A request to the table failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Credentials of a demonstration account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The account's role in the demonstration, in English.
    pub who: String,
    /// The account's e-mail address.
    pub email: String,
    /// The account's password.
    pub password: String,
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<32}{:<36}{}", self.who, self.email, self.password)
    }
}

/// Loads the demonstration data that is not stored yet, and returns the accounts that can sign in.
///
/// Accounts that exist already keep their password; those with another password than the demonstration's are left out.
///
/// # Errors
/// [`Error::Store`] if the table does not answer, [`Error::Hashing`] if a password can't be hashed.
pub async fn load(
    store: &Store,
    hasher: &Hasher,
    ids: &Ids,
    now: Timestamp,
    county_email: &Email,
) -> Result<Vec<SignIn>, Error> {
    let members = staff::members(county_email)?;
    let (libraries, resources) = (libraries::all()?, resources::all()?);
    let chosen: Vec<_> = resources.iter().map(|resource| resource.id.clone()).collect();
    let patrons = patrons::all(&libraries, &chosen, &members, now)?;
    let patron = patrons.get(WITH_PASSWORD).ok_or(Error::Missing("a patron"))?.made.person.email.clone();

    // The last librarian is written last: if that account exists, the load was completed.
    let last = members.last().ok_or(Error::Missing("a librarian"))?;
    if store.account(&last.member.email).await?.is_none() {
        let progress = Progress::of(patrons.len());
        let libraries = libraries.into_iter().map(|listed| listed.library).collect();
        writing::directory(store, libraries, resources).await?;
        writing::patrons(store, ids, with_credentials(hasher, ids, patrons)?, progress).await?;
    }

    let mut sign_ins = Vec::new();
    for member in &members {
        if writing::member(store, hasher, ids, member).await? {
            sign_ins.push(sign_in(member.who, &member.member.email, member.password));
        }
    }
    if writing::opens(store, hasher, &patron, staff::PATRON_PASSWORD).await? {
        sign_ins.push(sign_in("patron", &patron, staff::PATRON_PASSWORD));
    }
    Ok(sign_ins)
}

fn sign_in(who: &str, email: &Email, password: &str) -> SignIn {
    SignIn { who: who.to_owned(), email: email.to_string(), password: password.to_owned() }
}

/// Gives a password to the patron at [`WITH_PASSWORD`], and none to the others, as if none had been typed at
/// registration.
fn with_credentials(
    hasher: &Hasher,
    ids: &Ids,
    patrons: Vec<Patron>,
) -> Result<Vec<(Patron, Option<Credentials>)>, Error> {
    let mut secret = Some(writing::credentials(hasher, ids, staff::PATRON_PASSWORD)?);
    let with = |(index, patron)| {
        let secret = if index == WITH_PASSWORD { secret.take() } else { None };
        (patron, secret)
    };
    Ok(patrons.into_iter().enumerate().map(with).collect())
}

#[cfg(test)]
mod tests;
