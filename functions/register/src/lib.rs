//! `POST /registrations`: the form "Inscription usager ressources numériques".
//!
//! Contract: a librarian of the library, or the county. 201 with `Location`, `ETag` and the representation; 422 with
//! all faulty fields; 409 `email-taken`. A repeat under the same `Idempotency-Key` returns the same registration; with
//! another body, 422 `idempotency-key-reused`. Once that registration is erased, the key is new. The provisional
//! password is hashed and never returned or sent.

use desk::{Caller, Draft, Failure, Service};
use domain::{
    Account, Fault, Registration,
    password::{self, Password},
};
use edge::{Answer, Call, Code, Endpoint, Problem, Taken};
use hashing::Hasher;
use lambda_http::http::{HeaderName, StatusCode, header};
use runtime::{Metric, Misconfigured, Runtime};
use store::{Creation, Credentials, IdempotencyKey, Replay, Versioned};

/// Longest `Idempotency-Key`, in bytes.
const MAX_KEY: usize = 255;

/// The endpoint `POST /registrations`.
#[derive(Debug)]
pub struct Register {
    service: Service,
    hasher: Hasher,
}

impl Endpoint for Register {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { service: Service::from_runtime(runtime)?, hasher: Hasher::new() })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(&call).await?;
        let mut key = idempotency_key(&call)?;
        if let Some(answer) = self.replayed(&caller, &call, key.as_mut()).await? {
            return Ok(answer);
        }
        let (draft, password) = self.filled_in(&caller, &call).await?;
        let registration = self.registration(&caller, &call, draft);
        let credentials = self.credentials(password.as_ref())?;
        let generation = self.service.ids.id();
        match self.service.store.create(&registration, credentials, generation, key.as_ref()).await? {
            Creation::Done => {
                self.service.count(&call, Metric::Registrations);
                created(&caller, &call, &Versioned::made(registration))
            }
            // A concurrent repeat of the same request may have come first, and has written the key's answer.
            Creation::KeyTaken | Creation::EmailTaken => match self.replayed(&caller, &call, key.as_mut()).await? {
                Some(answer) => Ok(answer),
                None => Err(self.email_taken(&caller.account, &registration).await?.into()),
            },
        }
    }
}

impl Register {
    /// Reads the form. Fails with all its faults.
    async fn filled_in(&self, caller: &Caller, call: &Call) -> Result<(Draft, Option<Password>), Failure> {
        let mut form = call.form()?;
        let (store, today) = (&self.service.store, call.today());
        let typed = form.optional("password", |typed| Ok(typed.to_owned()));
        let draft = desk::read_registration(&mut form, store, &caller.account, today, None).await?;
        let password = typed.map(|typed| chosen(&typed, draft.as_ref())).transpose();
        if let Err(fault) = &password {
            form.fault("password", fault);
        }
        Ok(form.finish(draft.zip(password.ok()))?)
    }

    fn registration(&self, caller: &Caller, call: &Call, draft: Draft) -> Registration {
        let (by, at, today) = (caller.account.email.clone(), call.now(), call.today());
        let id = self.service.ids.registration_id();
        Registration::new(id, draft.library_id, draft.person, draft.resources, by, at, today)
    }

    /// Returns the account's credentials. Without a provisional password there is none until the patron sets one
    /// (rules, section 1).
    fn credentials(&self, password: Option<&Password>) -> Result<Credentials, Problem> {
        let hash = password.map(|password| self.hasher.hash(password, &self.service.ids)).transpose();
        Ok(Credentials { provisional: password.is_some(), password_hash: hash.map_err(Problem::internal)? })
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
            Replay::Answered(found) if !caller.account.reaches(&found.registration.library_id) => {
                Err(Problem::not_found().into())
            }
            Replay::Answered(found) => created(caller, call, &found).map(Some),
            Replay::OtherBody => Err(Problem::new(Code::IdempotencyKeyReused).into()),
        }
    }

    /// Returns the problem `email-taken`: says where the address is registered, without other libraries' data (rules,
    /// section 1).
    async fn email_taken(&self, caller: &Account, wanted: &Registration) -> Result<Problem, Failure> {
        let account = self.service.store.account(&wanted.person.email).await?;
        let Some(id) = account.and_then(|stored| stored.account.registration_id) else {
            return Ok(Problem::email_taken(Taken::Account));
        };
        let here =
            self.service.store.registration(&id).await?.filter(|found| caller.reaches(&found.registration.library_id));
        Ok(match here {
            Some(_) => Problem::email_taken(Taken::RegisteredHere).with_member("id", id.as_str()),
            None => Problem::email_taken(Taken::RegisteredElsewhere),
        })
    }
}

fn created(caller: &Caller, call: &Call, found: &Versioned) -> Result<Answer, Failure> {
    let location = format!("/registrations/{}", found.registration.id);
    Ok(desk::shown(caller, call, StatusCode::CREATED, found)?.header(header::LOCATION, location))
}

fn chosen(typed: &str, draft: Option<&Draft>) -> Result<Password, Fault> {
    let about = draft.map(|draft| password::known_about(&draft.person, draft.catalog.libraries.get(&draft.library_id)));
    Password::chosen(typed, &about.unwrap_or_default())
}

fn idempotency_key(call: &Call) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(key) = call.header(&HeaderName::from_static("idempotency-key")) else { return Ok(None) };
    if key.is_empty() || key.len() > MAX_KEY {
        return Err(Problem::new(Code::InvalidIdempotencyKey));
    }
    let fingerprint = runtime::digest(&[key.as_bytes(), b"\n", call.body()].concat());
    Ok(Some(IdempotencyKey { key: key.to_owned(), fingerprint, erased: None }))
}
