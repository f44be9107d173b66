//! The service: the caller of a request, and the registration that they may reach.

use domain::{
    Account, Email, LibraryId, Registration, RegistrationId,
    network::network,
    second_factor::{CONFIRMED, CountySecondFactor},
};
use edge::{Call, Code, Problem};
use jiff::Timestamp;
use runtime::{Ids, Metric, Metrics, Misconfigured, Runtime, Secret};
use store::{OpenSession, Remains, Store, StoredAccount, Versioned};

use crate::Failure;

/// The application service of an endpoint: the table, ids and metrics. The time comes from the [`Call`].
#[derive(Debug, Clone)]
pub struct Service {
    /// The table.
    pub store: Store,
    /// The source of new ids and secrets.
    pub ids: Ids,
    metrics: Metrics,
    county_second_factor: CountySecondFactor,
}

/// The signed-in caller of a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account as stored now: a change takes effect at the next request (requirements AP4).
    pub account: Account,
    /// The token of the session.
    pub token: Secret,
    /// Whether the account has a second factor, which the session was opened with.
    pub second_factor: bool,
    /// When the password was last given in the session.
    confirmed_at: Timestamp,
}

impl Service {
    /// Creates the service.
    ///
    /// # Errors
    /// [`Misconfigured`] if the table's name, `COUNTY_SECOND_FACTOR` or a variable of AWS is missing.
    pub fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self {
            store: Store::new(runtime)?,
            ids: runtime.ids.clone(),
            metrics: runtime.metrics.clone(),
            county_second_factor: runtime.env.parsed("COUNTY_SECOND_FACTOR")?,
        })
    }

    /// Counts one event, at the call's time.
    pub fn count(&self, call: &Call, metric: Metric) {
        self.metrics.count(call.now(), metric);
    }

    /// Returns the signed-in caller, and names them in each of the call's log lines (requirements S6). Reads session and
    /// account consistently, in one call (2 RRU). Notes the use of the session (1 WRU a minute).
    ///
    /// # Errors
    /// 401 without a valid session; 403 `second-factor-required` for an account that must enrol one first; 500 or 503 if
    /// the table fails.
    pub async fn signed_in(&self, call: &Call) -> Result<Caller, Failure> {
        let (token, session) = self.session(call).await?;
        let caller = Caller::of(token, session);
        if self.requires_second_factor(&caller.account) && !caller.second_factor {
            return Err(Problem::new(Code::SecondFactorRequired).into());
        }
        Ok(caller)
    }

    /// Returns the signed-in caller, and their account as it is stored, also if they must enrol a second factor first: for
    /// calls about the session and the account itself. Costs as much as [`signed_in`](Self::signed_in).
    ///
    /// # Errors
    /// 401 without a valid session; 500 or 503 if the table fails.
    pub async fn holder(&self, call: &Call) -> Result<(Caller, StoredAccount), Failure> {
        let (token, session) = self.session(call).await?;
        let stored = session.stored.clone();
        Ok((Caller::of(token, session), stored))
    }

    async fn session(&self, call: &Call) -> Result<(Secret, OpenSession), Failure> {
        let token = call.bearer()?;
        let session = self.store.session(&token, call.now()).await?.ok_or_else(Problem::unauthenticated)?;
        let account = store::keys::pseudonym(&session.stored.account.email);
        call.identify(&account, self.network_digest(call).as_deref(), true);
        Ok((token, session))
    }

    /// Returns whether an account must have a second factor.
    pub fn requires_second_factor(&self, account: &Account) -> bool {
        self.county_second_factor.is_required_of(account)
    }

    /// Names the address that a call without a session is about, and its network, in each of its log lines
    /// (requirements S6). Costs 1 RRU at the first call in a process.
    ///
    /// # Errors
    /// 500 or 503 if the table fails.
    pub async fn identify(&self, call: &Call, email: &Email) -> Result<(), Failure> {
        self.store.ensure_log_key(&self.ids).await?;
        call.identify(&store::keys::pseudonym(email), self.network_digest(call).as_deref(), false);
        Ok(())
    }

    fn network_digest(&self, call: &Call) -> Option<String> {
        self.store.network_digest(&network(call.source_ip()))
    }

    /// Returns the caller, a librarian or the county. Costs as much as [`signed_in`](Self::signed_in).
    ///
    /// # Errors
    /// As [`signed_in`](Self::signed_in), and 403 for patrons.
    pub async fn staff(&self, call: &Call) -> Result<Caller, Failure> {
        let caller = self.signed_in(call).await?;
        caller.check_staff()?;
        Ok(caller)
    }

    /// Returns the caller, who is of the county. Costs as much as [`signed_in`](Self::signed_in).
    ///
    /// # Errors
    /// As [`signed_in`](Self::signed_in), and 403 for all others.
    pub async fn county(&self, call: &Call) -> Result<Caller, Failure> {
        let caller = self.signed_in(call).await?;
        if caller.account.is_county() { Ok(caller) } else { Err(Problem::forbidden().into()) }
    }

    /// Returns the registration that the call's path names, read consistently (1 RRU). Every call about one registration
    /// comes through here, and leaves the trace that the caller has read it (requirements GD1).
    ///
    /// # Errors
    /// 404, the same for an unknown id and for another library's registration (requirements AP2); 409 if it can't be
    /// decoded (requirements RE12); 500 or 503 if the table fails.
    pub async fn registration(&self, caller: &Caller, call: &Call) -> Result<Versioned, Failure> {
        let found = self.store.registration(&named(call)?).await.map_err(|error| caller.failure_of(error))?;
        let reachable = |found: &Versioned| caller.account.reaches(&found.registration.library_id);
        let found = found.filter(reachable).ok_or_else(Problem::not_found)?;
        tracing::info!(by = caller.pseudonym(), registration = %found.registration.id, "read");
        Ok(found)
    }

    /// Returns the account of a registration if the caller may learn its state: their own; for the county, any; for
    /// others, one that is no colleague's and whose oldest registration they reach. Who joined it later learns nothing of
    /// it (requirements HH2), and can't hide it from those who were there. Costs 2 RRU.
    ///
    /// # Errors
    /// 500 or 503 if the table fails.
    pub async fn account_seen(
        &self,
        caller: &Caller,
        registration: &Registration,
    ) -> Result<Option<StoredAccount>, Failure> {
        let Some(stored) = self.store.account(&registration.person.email).await? else { return Ok(None) };
        if caller.account.is_county() || caller.account.email == stored.account.email {
            return Ok(Some(stored));
        }
        let oldest = stored.account.registrations.get(..1).unwrap_or_default();
        let oldest = self.store.registrations_of(oldest).await?;
        let reached = oldest.iter().any(|oldest| caller.account.reaches(&oldest.registration.library_id));
        Ok(Some(stored).filter(|stored| reached && !stored.account.is_staff()))
    }

    /// Returns what the erasure needs of the registration that the call's path names, read consistently (1 RRU). The
    /// rest of it need not be readable.
    ///
    /// # Errors
    /// 404 as [`registration`](Self::registration); 409 if not even those can be read; 500 or 503 if the table fails.
    pub async fn remains(&self, caller: &Caller, call: &Call) -> Result<Remains, Failure> {
        let found = self.store.remains(&named(call)?).await.map_err(|error| caller.failure_of(error))?;
        let reachable = |found: &Remains| caller.reaches(found.library_id.as_ref());
        let found = found.filter(reachable).ok_or_else(Problem::not_found)?;
        tracing::info!(by = caller.pseudonym(), registration = %found.id, "read");
        Ok(found)
    }
}

impl Caller {
    fn of(token: Secret, session: OpenSession) -> Self {
        let OpenSession { stored, confirmed_at, second_factor } = session;
        Self { account: stored.account, token, second_factor, confirmed_at }
    }

    /// Checks that the caller is a librarian or the county.
    ///
    /// # Errors
    /// 403 for patrons.
    pub fn check_staff(&self) -> Result<(), Problem> {
        if self.account.is_staff() { Ok(()) } else { Err(Problem::forbidden()) }
    }

    /// Returns the digest that stands for the caller in the log, which contains no addresses (requirements AP8).
    pub fn pseudonym(&self) -> String {
        store::keys::pseudonym(&self.account.email)
    }

    /// Checks that the password was given in this session within the last 15 minutes, which sensitive calls want
    /// (requirements AP15).
    ///
    /// # Errors
    /// 403 `confirmation-needed`.
    pub fn check_confirmed(&self, call: &Call) -> Result<(), Problem> {
        let recently = call.now().duration_since(self.confirmed_at) < CONFIRMED;
        if recently { Ok(()) } else { Err(Problem::new(Code::ConfirmationNeeded)) }
    }

    /// Returns whether the caller reaches a library. One that can't be read (`None`) is the county's.
    fn reaches(&self, library: Option<&LibraryId>) -> bool {
        library.map_or_else(|| self.account.is_county(), |library| self.account.reaches(library))
    }

    /// Returns the failure of a read. An unreadable registration of another library is not found.
    fn failure_of(&self, error: store::Error) -> Failure {
        match &error {
            store::Error::Unreadable(remains)
                if !self.reaches(remains.as_ref().and_then(|remains| remains.library_id.as_ref())) =>
            {
                Problem::not_found().into()
            }
            _ => error.into(),
        }
    }
}

fn named(call: &Call) -> Result<RegistrationId, Problem> {
    call.path_variable("id")?.parse().map_err(|_| Problem::not_found())
}
