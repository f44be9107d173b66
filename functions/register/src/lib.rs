//! `POST /registrations`: the form "Inscription usager ressources numériques".
//!
//! Contract: a librarian of the library, or the county. 201 with `Location`, `ETag` and the representation; 422 with
//! all faulty fields; 409 `already-registered`, `address-shared` or `household-full` if the address has an account. With
//! `household` the person joins that account, whose password stays: the answer says that a provisional one was ignored.
//! A repeat under the same `Idempotency-Key` returns the same registration; with
//! another body, 422 `idempotency-key-reused`. Once that registration is erased, the key is new. The provisional
//! password is hashed and never returned or sent.

use std::time::Duration;

use desk::{Caller, Draft, Failure, Households, Representation, Service};
use domain::{
    Fault, Registration,
    password::{Known, Password},
};
use edge::{Answer, Call, Code, Endpoint, Problem, etag};
use hashing::Hasher;
use lambda_http::http::{HeaderName, StatusCode, header};
use runtime::{Backoff, Ids, Metric, Misconfigured, Runtime};
use store::{Creation, Credentials, Holder, IdempotencyKey, Replay, Versioned};

/// Longest `Idempotency-Key`, in bytes.
const MAX_KEY: usize = 255;
/// Tries while other members join or leave the household: as many as it may have members.
const ROUNDS: u32 = 60;
/// The pause before another try.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(5), longest: Duration::from_millis(160) };

/// The endpoint `POST /registrations`.
#[derive(Debug)]
pub struct Register {
    service: Service,
    hasher: Hasher,
    households: Households,
}

/// The form as it was filled in.
struct Filled {
    draft: Draft,
    password: Option<Password>,
    /// Whether the librarian has confirmed that the person shares the household of the address.
    confirmed: bool,
}

impl Endpoint for Register {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let service = Service::from_runtime(runtime)?;
        Ok(Self { households: Households::new(&service, runtime)?, service, hasher: Hasher::new() })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(call).await?;
        let mut key = idempotency_key(call)?;
        if let Some(answer) = self.replayed(&caller, call, key.as_mut()).await? {
            return Ok(answer);
        }
        let Filled { draft, password, confirmed } = self.filled_in(&caller, call).await?;
        let mut registration = self.registration(&caller, call, draft);
        let credentials = self.credentials(password.as_ref())?;
        let mut holder = Holder::New { credentials: credentials.clone(), generation: self.service.ids.id() };
        for round in 1..=ROUNDS {
            if self.service.store.create(&registration, &holder, key.as_ref()).await? == Creation::Done {
                self.service.count(call, Metric::Registrations);
                let made = Versioned::made(registration);
                return match holder {
                    // Nobody else can be in it.
                    Holder::New { .. } => {
                        let shown = Representation::for_staff(&made.registration, &caller.account, call.today());
                        created(&made, &shown)
                    }
                    Holder::Existing { .. } => self.shown(&caller, call, &made, true).await,
                };
            }
            // A concurrent repeat of the same request may have come first, and has written the key's answer.
            if let Some(answer) = self.replayed(&caller, call, key.as_mut()).await? {
                return Ok(answer);
            }
            if round > 1 {
                BACKOFF.pause(&Ids::System, round).await;
            }
            let (by, generation) = (&caller.account, self.service.ids.id());
            holder = self.households.holder(by, &mut registration, confirmed, credentials.clone(), generation).await?;
        }
        Err(Problem::unavailable("the household kept changing").into())
    }
}

impl Register {
    /// Reads the form. Fails with all its faults.
    async fn filled_in(&self, caller: &Caller, call: &Call) -> Result<Filled, Failure> {
        let mut form = call.form()?;
        let (store, today) = (&self.service.store, call.today());
        let typed = form.optional("password", |typed| Ok(typed.to_owned()));
        let confirmed = form.flag_or("household", false);
        let draft = desk::read_registration(&mut form, store, &caller.account, today, None).await?;
        let password = typed.map(|typed| chosen(&typed, draft.as_ref())).transpose();
        if let Err(fault) = &password {
            form.fault("password", fault);
        }
        let filled = || Some(Filled { draft: draft?, password: password.ok()?, confirmed: confirmed? });
        Ok(form.finish(filled())?)
    }

    fn registration(&self, caller: &Caller, call: &Call, draft: Draft) -> Registration {
        let (by, at, today) = (caller.account.email.clone(), call.now(), call.today());
        let id = self.service.ids.registration_id();
        Registration::new(id, draft.library_id, draft.person, draft.resources, by, at, today)
    }

    /// Returns the account's credentials. Without a provisional password there is none until the patron sets one
    /// (rules, section 1).
    fn credentials(&self, password: Option<&Password>) -> Result<Option<Credentials>, Problem> {
        let hash = password.map(|password| self.hasher.hash(password, &self.service.ids)).transpose();
        let hash = hash.map_err(Problem::internal)?;
        Ok(hash.map(|password_hash| Credentials { password_hash, provisional: true }))
    }

    /// Returns the answer that the idempotency key already has. Notes in the key if that registration is erased.
    async fn replayed(
        &self,
        caller: &Caller,
        call: &Call,
        key: Option<&mut IdempotencyKey>,
    ) -> Result<Option<Answer>, Failure> {
        let Some(key) = key else { return Ok(None) };
        match self.service.store.replay(&caller.account.email, key, call.now()).await? {
            Replay::New { erased } => {
                key.erased = erased;
                Ok(None)
            }
            // Since then, the registration may have moved to another library, or the caller lost this one.
            Replay::Answered { found, .. } if !caller.account.reaches(&found.registration.library_id) => {
                Err(Problem::not_found().into())
            }
            Replay::Answered { found, joined } => self.shown(caller, call, &found, joined).await.map(Some),
            Replay::OtherBody => Err(Problem::new(Code::IdempotencyKeyReused).into()),
        }
    }

    /// Returns the answer with a registration and its household. If it `joined` an account, its password was ignored.
    async fn shown(&self, caller: &Caller, call: &Call, found: &Versioned, joined: bool) -> Result<Answer, Failure> {
        let shown = self.service.representation(caller, call, &found.registration).await?;
        created(found, &shown.with_password_ignored(joined))
    }
}

fn created(found: &Versioned, shown: &Representation) -> Result<Answer, Failure> {
    // The span names who. A repeat is answered with the same record, and leaves the same trace (requirements GD1).
    tracing::info!(registration = %found.registration.id, "registered");
    let location = format!("/registrations/{}", found.registration.id);
    let answer = Answer::json(StatusCode::CREATED, shown)?;
    Ok(answer.header(header::ETAG, etag(found.version)).header(header::LOCATION, location))
}

fn chosen(typed: &str, draft: Option<&Draft>) -> Result<Password, Fault> {
    let mut known = Known::default();
    if let Some(draft) = draft {
        known.add_person(&draft.person);
        for library in draft.catalog.libraries.values() {
            known.add_library(library);
        }
    }
    Password::chosen(typed, &known)
}

fn idempotency_key(call: &Call) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(key) = call.header(&HeaderName::from_static("idempotency-key")) else { return Ok(None) };
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Problem::new(Code::InvalidIdempotencyKey));
    }
    let fingerprint = runtime::digest(&[key.as_bytes(), b"\n", call.body()].concat());
    Ok(Some(IdempotencyKey { key: key.to_owned(), fingerprint, erased: None }))
}
