//! The accounts of the persons that are registered or corrected (rules, section 7).

use domain::{
    Account, Email, Refusal, Registration,
    household::{Newcomer, check_correction, is_same_person},
};
use edge::Problem;
use runtime::{Misconfigured, Runtime};
use store::{Credentials, Holder, Holding, Store, StoredAccount};

use crate::{Failure, Service};

/// Finds the account of a person, and lets the rules decide whether they may be in it.
#[derive(Debug, Clone)]
pub struct Households {
    store: Store,
    /// How to reach the county, which moves registrations between libraries.
    contact: String,
}

impl Households {
    /// Creates it on the service's table, with the contact of the county.
    ///
    /// # Errors
    /// [`Misconfigured`] if `CONTACT_EMAIL` or `CONTACT_PHONE` is missing.
    pub fn new(service: &Service, runtime: &Runtime) -> Result<Self, Misconfigured> {
        let (email, phone) = (runtime.env.required("CONTACT_EMAIL")?, runtime.env.required("CONTACT_PHONE")?);
        Ok(Self { store: service.store.clone(), contact: format!("{email} ou {phone}.") })
    }

    /// Returns the account that a registration is to be held by: that of its address, which it joins, or a new one with
    /// these credentials. Sets the mark of the account's address. Costs 1 RRU, and 1 for each member.
    ///
    /// # Errors
    /// 409 if the rules refuse; 500 or 503 if the table fails.
    pub async fn holder(
        &self,
        by: &Account,
        registration: &mut Registration,
        confirmed: bool,
        credentials: Option<Credentials>,
        generation: String,
    ) -> Result<Holder, Failure> {
        let Some((before, members)) = self.household(&registration.person.email).await? else {
            registration.mail_state = None;
            return Ok(Holder::New { credentials, generation });
        };
        let newcomer = Newcomer { id: &registration.id, person: &registration.person, confirmed };
        let after = before.account.joined_by(newcomer, &members, by).map_err(|refusal| self.refused(refusal))?;
        registration.mail_state = before.mail_state;
        Ok(Holder::Existing { before, after })
    }

    /// Returns what a correction means for the accounts that hold the registration. Costs nothing if the person and the
    /// address stay; else 1 RRU for each account, and 1 for each member of the one that it is in afterwards.
    ///
    /// # Errors
    /// 409 if the rules refuse; 412 if the account is gone; 500 or 503 if the table fails.
    pub async fn holding(
        &self,
        by: &Account,
        before: &Registration,
        after: &mut Registration,
        confirmed: bool,
        generation: String,
    ) -> Result<Holding, Failure> {
        let address = &before.person.email;
        if *address != after.person.email {
            let from = self.store.account(address).await?.ok_or_else(Problem::stale)?;
            let to = self.holder(by, after, confirmed, None, generation).await?;
            return Ok(Holding::Moved { left: from.account.without(&before.id), from, to });
        }
        if is_same_person(&before.person, &after.person) {
            return Ok(Holding::Same);
        }
        let (account, members) = self.household(address).await?.ok_or_else(Problem::stale)?;
        check_correction(after, &members, by).map_err(|refusal| self.refused(refusal))?;
        Ok(Holding::Renamed(account))
    }

    /// Returns the account of an address with its registrations.
    async fn household(&self, email: &Email) -> Result<Option<(StoredAccount, Vec<Registration>)>, Failure> {
        let Some(account) = self.store.account(email).await? else { return Ok(None) };
        let members = self.store.household(&account.account).await?;
        Ok(Some((account, members)))
    }

    /// Adds to a refusal how to reach the county, where only the county can help.
    fn refused(&self, refusal: Refusal) -> Failure {
        let asks_the_county = refusal == Refusal::AlreadyRegistered { id: None };
        let problem = Problem::from(refusal);
        if asks_the_county { problem.with_sentence(&self.contact).into() } else { problem.into() }
    }
}
