//! Sign-in, sign-out, and the signed-in account.
//!
//! Contract: `POST /sessions` 201 with a token; 401 `bad-credentials`, byte for byte the same for an unknown address, a
//! wrong password, a removed account and one that has to wait; 403 `password-provisional`, and a link is sent.
//! `DELETE /sessions/current` 204. `GET /me` the account and, for a patron, registration and access.
//!
//! 429 when an IP address makes too many requests. For every e-mail address the same is read, written and hashed
//! (requirements PW2).

use desk::{AccountView, Doorkeeper, Failure, Representation, Service};
use domain::{Account, Email, Registration, ResourceId, password::Password};
use edge::{Answer, Call, Code, Endpoint, Problem};
use hashing::{Hasher, Verdict};
use jiff::{SignedDuration, Timestamp, civil::Date};
use lambda_http::http::StatusCode;
use runtime::{Misconfigured, Runtime};
use serde::Serialize;
use store::StoredAccount;

/// The endpoints `/sessions` and `/me`.
#[derive(Debug)]
pub struct Session {
    service: Service,
    hasher: Hasher,
    doorkeeper: Doorkeeper,
}

/// A session that was just opened.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Session"))]
#[serde(rename_all = "camelCase")]
pub struct Opened<'a> {
    /// The value that later calls send after `Authorization: Bearer`. It is returned once and never stored.
    token: &'a str,
    /// When the session ends: after 12 h for staff, 24 h for patrons.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Instant"))]
    expires_at: Timestamp,
    account: AccountView,
}

/// The signed-in account, and the resources that it may open.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    account: AccountView,
    #[serde(skip_serializing_if = "Option::is_none")]
    /// A patron's registration.
    registration: Option<Representation>,
    /// The resources that the portal may open for a patron now: empty unless their registration is active.
    access: Vec<ResourceId>,
}

impl Endpoint for Session {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self {
            service: Service::from_runtime(runtime)?,
            hasher: Hasher::new(),
            doorkeeper: Doorkeeper::from_runtime(runtime)?,
        })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        match call.route() {
            "POST /sessions" => self.sign_in(&call).await,
            "DELETE /sessions/current" => self.sign_out(&call).await,
            "GET /me" => self.me(&call).await,
            _ => Err(Problem::not_found().into()),
        }
    }
}

impl Session {
    async fn sign_in(&self, call: &Call) -> Result<Answer, Failure> {
        self.doorkeeper.admit(&self.service, call).await?;
        let mut form = call.form()?;
        let email = form.required("email", |typed| Ok(typed.parse::<Email>().ok()));
        let tried = form.required("password", |typed| Ok(Password::tried(typed)));
        let (email, tried) = form.finish(email.zip(tried))?;
        let Some(stored) = self.identified(call, email, tried.as_ref()).await? else {
            return Err(Problem::new(Code::BadCredentials).into());
        };
        if stored.credentials.provisional {
            self.service.store.ask_reset(&stored.account.email, &self.service.ids.id(), call.now()).await?;
            return Err(Problem::new(Code::PasswordProvisional).into());
        }
        self.open(call, &stored).await
    }

    /// Returns the account if the password is right and the account does not have to wait.
    ///
    /// Up to the verdict, every address costs the same reads, writes and hashing (requirements PW2).
    async fn identified(
        &self,
        call: &Call,
        email: Option<Email>,
        tried: Option<&Password>,
    ) -> Result<Option<StoredAccount>, Failure> {
        let now = call.now();
        // A text that is no address has no account, but is hashed like any other.
        let Some(email) = email else {
            self.hasher.verify(tried, None).map_err(Problem::internal)?;
            return Ok(None);
        };
        let stored = self.service.store.account(&email).await?;
        let free = self.service.store.count_try(&email, now).await?;
        let hash = stored.as_ref().and_then(|stored| stored.credentials.password_hash.as_deref());
        let verdict = self.hasher.verify(tried, hash).map_err(Problem::internal)?;
        let (Some(stored), true) = (stored, free && verdict != Verdict::Wrong) else { return Ok(None) };
        self.service.store.try_succeeded(&email, now).await?;
        if let (Verdict::RightButWeak, Some(tried)) = (verdict, tried) {
            let hash = self.hasher.hash(tried, &self.service.ids).map_err(Problem::internal)?;
            self.service.store.strengthen(&stored, &hash).await?;
        }
        Ok(Some(stored))
    }

    async fn open(&self, call: &Call, stored: &StoredAccount) -> Result<Answer, Failure> {
        let expires_at = call.now() + SignedDuration::from_hours(stored.account.session_hours());
        let token = self.service.store.open_session(stored, &self.service.ids, expires_at).await?;
        let registration = self.registration_of(&stored.account).await?;
        let account = AccountView::of(&stored.account, registration.as_ref());
        Ok(Answer::json(StatusCode::CREATED, &Opened { token: token.reveal(), expires_at, account })?)
    }

    async fn sign_out(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.signed_in(call).await?;
        self.service.store.end_session(&caller.token).await?;
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    async fn me(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.signed_in(call).await?;
        let today = call.today();
        let registration = self.registration_of(&caller.account).await?;
        let me = Me {
            account: AccountView::of(&caller.account, registration.as_ref()),
            access: self.access(registration.as_ref(), today).await?,
            registration: registration.as_ref().map(|r| Representation::of(r, today)),
        };
        Ok(Answer::json(StatusCode::OK, &me)?)
    }

    /// Returns the resources that may be opened now: the patron's while their registration is active, without those
    /// that the county has closed since.
    async fn access(&self, registration: Option<&Registration>, today: Date) -> Result<Vec<ResourceId>, Failure> {
        let chosen = registration.map_or(&[][..], |registration| registration.access(today));
        let catalog = self.service.store.catalog(&[], chosen).await?;
        let open = |id: &&ResourceId| catalog.resources.get(*id).is_some_and(|resource| resource.active);
        Ok(chosen.iter().filter(open).cloned().collect())
    }

    async fn registration_of(&self, account: &Account) -> Result<Option<Registration>, Failure> {
        let Some(id) = &account.registration_id else { return Ok(None) };
        Ok(self.service.store.registration(id).await?.map(|found| found.registration))
    }
}
