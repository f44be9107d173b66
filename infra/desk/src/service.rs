//! Who calls, and what they may reach.

use domain::{Account, Registration};
use edge::{Call, Problem};
use runtime::{Ids, Metric, Metrics, Misconfigured, Runtime, Secret};
use store::{Store, StoredAccount, Versioned};

use crate::Failure;

/// The application service, with which an endpoint works: the table, ids. What time it is, its [`Call`] says.
#[derive(Debug, Clone)]
pub struct Service {
    /// The table.
    pub store: Store,
    /// New ids and secrets.
    pub ids: Ids,
    metrics: Metrics,
}

/// Someone who is signed in.
#[derive(Debug, Clone)]
pub struct Caller {
    /// As it is now: a change is felt by the very next request.
    pub account: Account,
    /// Their session's token.
    pub token: Secret,
}

impl Service {
    /// Makes it ready.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { store: Store::new(runtime)?, ids: runtime.ids.clone(), metrics: runtime.metrics.clone() })
    }

    /// Counts one.
    pub fn count(&self, call: &Call, metric: Metric) {
        self.metrics.count(call.now(), metric);
    }

    /// Whoever is signed in; 401 for everyone else.
    pub async fn signed_in(&self, call: &Call) -> Result<Caller, Failure> {
        let token = call.bearer()?;
        let session = self.store.session(&token, call.now()).await?;
        let StoredAccount { account, .. } = session.ok_or_else(Problem::unauthenticated)?;
        Ok(Caller { account, token })
    }

    /// Librarians and the county; 403 for patrons.
    pub async fn staff(&self, call: &Call) -> Result<Caller, Failure> {
        let caller = self.signed_in(call).await?;
        if caller.account.is_staff() { Ok(caller) } else { Err(Problem::forbidden().into()) }
    }

    /// The county; 403 for the others.
    pub async fn county(&self, call: &Call) -> Result<Caller, Failure> {
        let caller = self.signed_in(call).await?;
        if caller.account.is_county() { Ok(caller) } else { Err(Problem::forbidden().into()) }
    }

    /// The registration that a call's path names, if it is the caller's to see; 404 for an unknown one and for another
    /// library's alike (requirements AP2).
    pub async fn registration(&self, caller: &Caller, call: &Call) -> Result<Versioned, Failure> {
        let id = call.path_variable("id")?.parse().map_err(|_| Problem::not_found())?;
        let found = self.store.registration(&id).await?;
        let theirs = |found: &Versioned| caller.reaches(&found.registration);
        Ok(found.filter(theirs).ok_or_else(Problem::not_found)?)
    }
}

impl Caller {
    /// What stands for the caller in the log, which holds no addresses.
    pub fn handle(&self) -> String {
        store::keys::handle(&self.account.email)
    }

    fn reaches(&self, registration: &Registration) -> bool {
        self.account.reaches(&registration.library_id)
    }
}
