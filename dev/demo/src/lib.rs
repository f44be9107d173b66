//! The sample county: the real libraries of the Oise with 300 invented patrons in all statuses and ages, and accounts to
//! look at them with.
//!
//! | What | Where from |
//! |---|---|
//! | 234 libraries | the ministry's register (`libraries`); most addresses are invented, five have none |
//! | the towns that people live in | the pages' own list (`towns`) |
//! | 7 resources | `resources` |
//! | the county, 3 librarians | `staff`, with passwords that are no secret |
//! | 300 patrons | `people` invents them, `stories` tells what became of them; one has a password |
//!
//! It is the same each time, ids included, but for its dates, which go by today's. Nothing is written but through the
//! procedure's rules and the store; no mail is caused. Loading again changes nothing; a loading that was cut short is
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

/// Why the demonstration is not there. All but the table's failures are defects of its data.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The list of libraries has a row that is no library.
    #[error("the list of libraries can't be read: {0}")]
    Libraries(csv::Error),
    /// The list of towns has another form.
    #[error("the list of towns can't be read: {0}")]
    Towns(serde_json::Error),
    /// Something invented is nothing that a form would take.
    #[error("an invented value: {0}")]
    Invented(#[from] Fault),
    /// A story breaks the procedure's rules.
    #[error("an invented story: {0}")]
    Refused(Refusal),
    /// A day that the calendar does not have.
    #[error("an invented day: {0}")]
    Day(jiff::Error),
    /// Something is not there that all else is made from.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A password could not be hashed.
    #[error(transparent)]
    Hashing(#[from] HashingFailed),
    /// The table.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Someone who can sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// What they are there for.
    pub who: String,
    /// The account's name.
    pub email: String,
    /// The password.
    pub password: String,
}

impl fmt::Display for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<32}{:<36}{}", self.who, self.email, self.password)
    }
}

/// Loads what is not there yet, and answers who can sign in. An account that had chosen another password keeps it, and is
/// left out.
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

    // The last librarian is written last: where there is one, there is everything.
    let last = members.last().ok_or(Error::Missing("a librarian"))?;
    if store.account(&last.account.email).await?.is_none() {
        let progress = Progress::of(patrons.len());
        let libraries = libraries.into_iter().map(|listed| listed.library).collect();
        writing::directory(store, libraries, resources).await?;
        writing::patrons(store, ids, with_credentials(hasher, ids, patrons)?, progress).await?;
    }

    let mut sign_ins = Vec::new();
    for member in &members {
        if writing::member(store, hasher, ids, member).await? {
            sign_ins.push(sign_in(member.who, &member.account.email, member.password));
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

/// No patron has a password, as if none had been typed at registering, but for the one who shows what patrons see.
fn with_credentials(hasher: &Hasher, ids: &Ids, patrons: Vec<Patron>) -> Result<Vec<(Patron, Credentials)>, Error> {
    let mut secret = Some(writing::credentials(hasher, ids, staff::PATRON_PASSWORD)?);
    let with = |(index, patron)| {
        let secret = if index == WITH_PASSWORD { secret.take() } else { None };
        (patron, secret.unwrap_or_default())
    };
    Ok(patrons.into_iter().enumerate().map(with).collect())
}

#[cfg(test)]
mod tests;
