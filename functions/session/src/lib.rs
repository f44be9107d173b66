//! Sign-in, sign-out, and the signed-in account.
//!
//! Contract: `POST /sessions` 201 with a token; 401 `bad-credentials`, byte for byte the same for an unknown address, a
//! wrong password, a removed account and one that has to wait; 403 `password-provisional`, and a link is sent.
//! `DELETE /sessions/current` 204. `GET /me` the account, its registrations, and what each of them may open.
//!
//! 403 `foreign-site` for a request that another site's page made; 429 when a network fails to sign in too often. For
//! every e-mail address the same is read, written and hashed (requirements PW2).

use std::collections::BTreeSet;

use desk::{AccountView, Doorkeeper, Failure, Representation, Service};
use domain::{Email, Library, LibraryId, Registration, ResourceId, password::Password, throttle::Limited};
use edge::{Answer, Call, Code, Endpoint, Problem};
use hashing::{Hasher, Verdict};
use jiff::{SignedDuration, Timestamp, civil::Date};
use lambda_http::http::StatusCode;
use runtime::{Metric, Misconfigured, Runtime};
use serde::Serialize;
use store::{Catalog, Credentials, StoredAccount};

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
    /// When the session ends: after 12 h for staff, 24 h for patrons. Staff's ends earlier, 60 minutes after its last
    /// request.
    #[cfg_attr(feature = "schema", schemars(with = "domain::schema::Instant"))]
    expires_at: Timestamp,
    account: AccountView,
}

/// The signed-in account, and the resources that it may open.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Me {
    account: AccountView,
    /// The registrations of the account.
    registrations: Vec<Own>,
    /// The resources that the portal may open now: the union of the registrations' own.
    access: Vec<ResourceId>,
}

/// A registration of the signed-in account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OwnRegistration"))]
struct Own {
    #[serde(flatten)]
    registration: Representation,
    library: LibraryView,
    /// The resources that may be opened now: empty unless the registration is active.
    access: Vec<ResourceId>,
}

/// The library that manages a registration.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OwnLibrary"))]
struct LibraryView {
    name: String,
    town: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
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

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        match call.route() {
            "POST /sessions" => self.sign_in(call).await,
            "DELETE /sessions/current" => self.sign_out(call).await,
            "GET /me" => self.me(call).await,
            _ => Err(Problem::not_found().into()),
        }
    }
}

impl Session {
    async fn sign_in(&self, call: &Call) -> Result<Answer, Failure> {
        self.doorkeeper.check_site(call)?;
        let mut form = call.form()?;
        let email = form.required("email", |typed| Ok(typed.parse::<Email>().ok()));
        let tried = form.required("password", |typed| Ok(Password::tried(typed)));
        let (email, tried) = form.finish(email.zip(tried))?;
        if let Some(email) = &email {
            self.service.identify(call, email).await?;
        }
        self.doorkeeper.admit(&self.service, call, Limited::SignIns).await?;
        let Some((stored, credentials)) = self.identified(call, email, tried.as_ref()).await? else {
            self.service.count(call, Metric::SignInsRefused);
            return Err(Problem::new(Code::BadCredentials).into());
        };
        self.doorkeeper.excuse(&self.service, call, Limited::SignIns).await?;
        if credentials.provisional {
            self.service.store.ask_reset(&stored.account.email, &self.service.ids.id(), call.now()).await?;
            return Err(Problem::new(Code::PasswordProvisional).into());
        }
        self.open(call, &stored).await
    }

    /// Returns the account if the password is right and the account does not have to wait. If this attempt makes it
    /// wait, a message to the owner is queued (requirements S5).
    ///
    /// Up to the verdict, and after a wrong one, every address costs the same reads, writes and hashing (requirements
    /// PW2).
    async fn identified(
        &self,
        call: &Call,
        email: Option<Email>,
        tried: Option<&Password>,
    ) -> Result<Option<(StoredAccount, Credentials)>, Failure> {
        let (store, now) = (&self.service.store, call.now());
        // A text that is no address has no account, but is hashed like any other.
        let Some(email) = email else {
            self.hasher.verify(tried, None).map_err(Problem::internal)?;
            return Ok(None);
        };
        let known = store.account_with_credentials(&email).await?;
        let known = known.and_then(|(stored, credentials)| Some((stored, credentials?)));
        let counted = store.count_try(&email, now).await?;
        let hash = known.as_ref().map(|(_, credentials)| credentials.password_hash.as_str());
        let verdict = self.hasher.verify(tried, hash).map_err(Problem::internal)?;
        let known = match known {
            Some(known) if verdict != Verdict::Wrong && counted.is_some() => known,
            known => {
                if counted.is_some_and(|count| count.waits(now)) {
                    tracing::info!("sign-in has to wait");
                    self.service.count(call, Metric::SignInWaits);
                    let owner = known.as_ref().map(|(stored, _)| stored);
                    store.announce_wait(&email, owner, &self.service.ids.id(), now).await?;
                }
                return Ok(None);
            }
        };
        store.try_succeeded(&email, now).await?;
        if let (Verdict::RightButWeak, Some(tried)) = (verdict, tried) {
            let hash = self.hasher.hash(tried, &self.service.ids).map_err(Problem::internal)?;
            store.strengthen(&known.0, &hash).await?;
        }
        Ok(Some(known))
    }

    async fn open(&self, call: &Call, stored: &StoredAccount) -> Result<Answer, Failure> {
        let (store, now) = (&self.service.store, call.now());
        let expires_at = now + SignedDuration::from_hours(stored.account.session_hours());
        let token = store.open_session(stored, &self.service.ids, now, expires_at).await?;
        let account = AccountView::of(&stored.account, &store.household(&stored.account).await?);
        tracing::info!("signed in");
        self.service.count(call, Metric::SignIns);
        Ok(Answer::json(StatusCode::CREATED, &Opened { token: token.reveal(), expires_at, account })?)
    }

    async fn sign_out(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.signed_in(call).await?;
        self.service.store.end_session(&caller.token).await?;
        tracing::info!("signed out");
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    async fn me(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.signed_in(call).await?;
        let registrations = self.service.store.household(&caller.account).await?;
        let libraries: BTreeSet<LibraryId> = registrations.iter().map(|own| own.library_id.clone()).collect();
        let open = |own| Registration::access(own, call.today());
        let mut resources: Vec<ResourceId> = Vec::new();
        for id in registrations.iter().flat_map(open) {
            if !resources.contains(id) {
                resources.push(id.clone());
            }
        }
        let libraries = Vec::from_iter(libraries);
        let catalog = self.service.store.catalog(&libraries, &resources).await?;
        let me = Me {
            account: AccountView::of(&caller.account, &registrations),
            access: offered(&resources, &catalog),
            registrations: registrations
                .iter()
                .map(|own| Own::of(own, &registrations, &catalog, call.today()))
                .collect(),
        };
        Ok(Answer::json(StatusCode::OK, &me)?)
    }
}

impl Own {
    fn of(own: &Registration, all: &[Registration], catalog: &Catalog, today: Date) -> Self {
        Self {
            registration: Representation::of(own, today).for_holder(all.len() > 1),
            library: LibraryView::of(&own.library_id, catalog.libraries.get(&own.library_id)),
            access: offered(own.access(today), catalog),
        }
    }
}

impl LibraryView {
    /// A library that can't be read is shown by its code.
    fn of(id: &LibraryId, library: Option<&Library>) -> Self {
        match library {
            Some(Library { name, town, email, .. }) => {
                Self { name: name.clone(), town: town.clone(), email: email.clone() }
            }
            None => Self { name: id.to_string(), town: String::new(), email: None },
        }
    }
}

/// Returns those of the resources that the county has not closed.
fn offered(resources: &[ResourceId], catalog: &Catalog) -> Vec<ResourceId> {
    let open = |id: &&ResourceId| catalog.resources.get(*id).is_some_and(|resource| resource.active);
    resources.iter().filter(open).cloned().collect()
}
