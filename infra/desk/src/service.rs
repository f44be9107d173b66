//! The service: the caller of a request, and the registration that they may reach.

use domain::{Account, Registration};
use edge::{Call, Problem};
use runtime::{Ids, Metric, Metrics, Misconfigured, Runtime, Secret};
use store::{Store, StoredAccount, Versioned};

use crate::Failure;

/// The application service of an endpoint: the table, ids and metrics. The time comes from the [`Call`].
#[derive(Debug, Clone)]
pub struct Service {
    /// The table.
    pub store: Store,
    /// The source of new ids and secrets.
    pub ids: Ids,
    metrics: Metrics,
}

/// The signed-in caller of a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account as stored now: a change takes effect at the next request (requirements AP4).
    pub account: Account,
    /// The token of the session.
    pub token: Secret,
}

impl Service {
    /// Creates the service.
    ///
    /// # Errors
    /// [`Misconfigured`] if the table's name or a variable of AWS is missing.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { store: Store::new(runtime)?, ids: runtime.ids.clone(), metrics: runtime.metrics.clone() })
    }

    /// Counts one event, at the call's time.
    pub fn count(&self, call: &Call, metric: Metric) {
        self.metrics.count(call.now(), metric);
    }

    /// Returns the signed-in caller. Reads session and account consistently, in one call (2 RRU).
    ///
    /// # Errors
    /// 401 without a valid session; 500 or 503 if the table fails.
    pub async fn signed_in(&self, call: &Call) -> Result<Caller, Failure> {
        let token = call.bearer()?;
        let session = self.store.session(&token, call.now()).await?;
        let StoredAccount { account, .. } = session.ok_or_else(Problem::unauthenticated)?;
        Ok(Caller { account, token })
    }

    /// Returns the caller, a librarian or the county. Costs as much as [`signed_in`](Self::signed_in).
    ///
    /// # Errors
    /// As [`signed_in`](Self::signed_in), and 403 for patrons.
    pub async fn staff(&self, call: &Call) -> Result<Caller, Failure> {
        let caller = self.signed_in(call).await?;
        if caller.account.is_staff() { Ok(caller) } else { Err(Problem::forbidden().into()) }
    }

    /// Returns the caller, who is of the county. Costs as much as [`signed_in`](Self::signed_in).
    ///
    /// # Errors
    /// As [`signed_in`](Self::signed_in), and 403 for all others.
    pub async fn county(&self, call: &Call) -> Result<Caller, Failure> {
        let caller = self.signed_in(call).await?;
        if caller.account.is_county() { Ok(caller) } else { Err(Problem::forbidden().into()) }
    }

    /// Returns the registration that the call's path names, read consistently (1 RRU).
    ///
    /// # Errors
    /// 404, the same for an unknown id and for another library's registration (requirements AP2); 500 or 503 if the
    /// table fails.
    pub async fn registration(&self, caller: &Caller, call: &Call) -> Result<Versioned, Failure> {
        let id = call.path_variable("id")?.parse().map_err(|_| Problem::not_found())?;
        let found = self.store.registration(&id).await?;
        let reachable = |found: &Versioned| caller.reaches(&found.registration);
        Ok(found.filter(reachable).ok_or_else(Problem::not_found)?)
    }
}

impl Caller {
    /// Returns the digest that stands for the caller in the log, which contains no addresses (requirements AP8).
    pub fn pseudonym(&self) -> String {
        store::keys::pseudonym(&self.account.email)
    }

    fn reaches(&self, registration: &Registration) -> bool {
        self.account.reaches(&registration.library_id)
    }
}
