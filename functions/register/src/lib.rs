//! `POST /registrations`: the form "Inscription usager ressources numériques".
//!
//! Contract: a librarian of the library, or the county. 201 with `Location`, `ETag` and the representation; 422 with
//! all faulty fields; 409 `email-taken`. An `Idempotency-Key` makes a repeat answer with the same registration; with
//! another body, 422 `idempotency-key-reused`. The provisional password is hashed and told to nobody.

use domain::{
    Account, Fault, Registration,
    password::{self, Password},
};
use edge::{Answer, Call, Caller, Desk, Draft, Endpoint, Form, Problem};
use hashing::Hasher;
use lambda_http::http::{HeaderName, StatusCode, header};
use runtime::{Metric, Misconfigured, Runtime};
use store::{Creation, Credentials, IdempotencyKey, Replay, Versioned};

/// Longest `Idempotency-Key`, in bytes.
const MAX_KEY: usize = 255;

/// The function.
#[derive(Debug)]
pub struct Register {
    desk: Desk,
    hasher: Hasher,
}

impl Endpoint for Register {
    fn wire(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { desk: Desk::wire(runtime)?, hasher: Hasher::new() })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Problem> {
        let caller = self.desk.staff(&call).await?;
        let key = idempotency_key(&call)?;
        if let Some(answer) = self.replayed(&caller, key.as_ref()).await? {
            return Ok(answer);
        }
        let (draft, password) = self.filled_in(&caller, call.form()?).await?;
        let registration = self.registration(&caller, draft);
        let credentials = self.credentials(password.as_ref())?;
        let generation = self.desk.ids.id();
        match self.desk.store.create(&registration, credentials, generation, key.as_ref()).await? {
            Creation::Done => {
                self.desk.count(Metric::Registrations);
                self.created(&caller, &Versioned::made(registration))
            }
            // The same request at the same moment: whichever was first has written the key's answer.
            Creation::KeyTaken | Creation::EmailTaken => match self.replayed(&caller, key.as_ref()).await? {
                Some(answer) => Ok(answer),
                None => Err(self.email_taken(&caller.account, &registration).await?),
            },
        }
    }
}

impl Register {
    /// The form's content, or all that is wrong with it.
    async fn filled_in(&self, caller: &Caller, mut form: Form) -> Result<(Draft, Option<Password>), Problem> {
        let (store, today) = (&self.desk.store, self.desk.clock.today());
        let typed = form.optional("password", |typed| Ok(typed.to_owned()));
        let draft = edge::read_registration(&mut form, store, &caller.account, today, None).await?;
        let password = typed.map(|typed| chosen(&typed, draft.as_ref())).transpose();
        if let Err(fault) = &password {
            form.fault("password", fault);
        }
        form.finish(draft.zip(password.ok()))
    }

    fn registration(&self, caller: &Caller, draft: Draft) -> Registration {
        let (by, at, today) = (caller.account.email.clone(), self.desk.clock.now(), self.desk.clock.today());
        let id = self.desk.ids.registration_id();
        Registration::new(id, draft.library_id, draft.person, draft.resources, by, at, today)
    }

    /// Rules, section 1: the provisional password may be left out; then nobody knows any until the patron sets one.
    fn credentials(&self, password: Option<&Password>) -> Result<Credentials, Problem> {
        let hash = password.map(|password| self.hasher.hash(password, &self.desk.ids)).transpose();
        Ok(Credentials { provisional: password.is_some(), password_hash: hash.map_err(Problem::internal)? })
    }

    async fn replayed(&self, caller: &Caller, key: Option<&IdempotencyKey>) -> Result<Option<Answer>, Problem> {
        let Some(key) = key else { return Ok(None) };
        match self.desk.store.replay(&caller.account.email, key, self.desk.clock.now()).await? {
            Replay::New => Ok(None),
            Replay::Answered(id) => {
                // It may have moved to another library since, or the caller lost theirs.
                let theirs = |found: &Versioned| caller.account.reaches(&found.registration.library_id);
                let found = self.desk.store.registration(&id).await?.filter(theirs).ok_or_else(Problem::not_found)?;
                self.created(caller, &found).map(Some)
            }
            Replay::OtherBody => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "idempotency-key-reused",
                "Cette clé d’idempotence a déjà servi à un autre envoi : prenez-en une nouvelle.",
            )),
        }
    }

    fn created(&self, caller: &Caller, found: &Versioned) -> Result<Answer, Problem> {
        let location = format!("/registrations/{}", found.registration.id);
        Ok(self.desk.shown(caller, StatusCode::CREATED, found)?.header(header::LOCATION, location))
    }

    /// Rules, section 1: says where the address is registered, and names no other library's data.
    async fn email_taken(&self, caller: &Account, wanted: &Registration) -> Result<Problem, Problem> {
        let account = self.desk.store.account(&wanted.person.email).await?;
        let Some(id) = account.and_then(|stored| stored.account.registration_id) else {
            return Ok(Problem::email_taken(
                "Cette adresse e-mail est déjà celle d’un compte : choisissez-en une autre.",
            ));
        };
        let here =
            self.desk.store.registration(&id).await?.filter(|found| caller.reaches(&found.registration.library_id));
        Ok(match here {
            Some(_) => Problem::email_taken("Cette personne est déjà inscrite ici.").with_member("id", id.as_str()),
            None => Problem::email_taken("Cette personne est déjà inscrite dans une autre bibliothèque."),
        })
    }
}

fn chosen(typed: &str, draft: Option<&Draft>) -> Result<Password, Fault> {
    let about = draft.map(|draft| password::known_about(&draft.person, draft.catalog.libraries.get(&draft.library_id)));
    Password::chosen(typed, &about.unwrap_or_default())
}

fn idempotency_key(call: &Call) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(key) = call.header(&HeaderName::from_static("idempotency-key")) else { return Ok(None) };
    if key.is_empty() || key.len() > MAX_KEY {
        let detail = "L’en-tête Idempotency-Key a de 1 à 255 caractères.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "invalid-idempotency-key", detail));
    }
    let fingerprint = runtime::digest(&[key.as_bytes(), b"\n", call.body()].concat());
    Ok(Some(IdempotencyKey { key: key.to_owned(), fingerprint }))
}
