//! What a password and a code prove, on sign-in and on confirmation.

use desk::Failure;
use domain::{Email, password::Password, second_factor::Code};
use edge::{Call, Problem};
use hashing::Verdict;
use runtime::Metric;
use store::{Credentials, Secrets, StoredAccount, StoredFactor};

use crate::Session;

/// The result of a try. It stays counted until it has opened or confirmed a session.
pub(crate) enum Proof {
    /// A wrong password or code, or an unknown address.
    Wrong,
    /// The account waits: the try was not considered.
    Waits,
    /// The password is right, and the code is missing.
    CodeNeeded,
    /// Both are right.
    Right(Box<Proven>),
}

/// An account whose password and code were right.
pub(crate) struct Proven {
    pub(crate) stored: StoredAccount,
    pub(crate) credentials: Credentials,
    /// Its second factor as the code has left it; `None` if it has none.
    pub(crate) factor: Option<StoredFactor>,
}

impl Session {
    /// Verifies a password and a code. If this try makes the account wait, a message to the owner is queued (requirements
    /// S5).
    ///
    /// Up to the verdict, and after a wrong one, every address costs the same reads, writes and hashing (requirements
    /// PW2).
    pub(crate) async fn prove(
        &self,
        call: &Call,
        email: &Email,
        tried: Option<&Password>,
        code: Option<&Code>,
    ) -> Result<Proof, Failure> {
        let (store, now) = (&self.service.store, call.now());
        let secrets = store.account_with_secrets(email).await?;
        let counted = store.count_try(email, now).await?;
        let hash = secrets.as_ref().and_then(|secrets| Some(secrets.credentials.as_ref()?.password_hash.as_str()));
        let verdict = self.hasher.verify(tried, hash).map_err(Problem::internal)?;
        let proof = match &secrets {
            _ if counted.is_none() => Proof::Waits,
            Some(Secrets { stored, credentials: Some(credentials), factor }) if verdict != Verdict::Wrong => {
                let password = Proven { stored: stored.clone(), credentials: credentials.clone(), factor: None };
                proven(password, factor.as_ref(), code, call)
            }
            _ => Proof::Wrong,
        };
        match &proof {
            Proof::Right(proven) => self.strengthen(verdict, tried, proven).await?,
            _ if counted.is_some_and(|count| count.waits(now)) => {
                tracing::info!("sign-in has to wait");
                self.service.count(call, Metric::SignInWaits);
                let owner =
                    secrets.as_ref().filter(|secrets| secrets.credentials.is_some()).map(|secrets| &secrets.stored);
                store.announce_wait(email, owner, &self.service.ids.id(), now).await?;
            }
            _ => {}
        }
        Ok(proof)
    }

    /// Replaces a hash of weaker parameters (requirements PW1).
    async fn strengthen(&self, verdict: Verdict, tried: Option<&Password>, proven: &Proven) -> Result<(), Failure> {
        if let (Verdict::RightButWeak, Some(tried)) = (verdict, tried) {
            let hash = self.hasher.hash(tried, &self.service.ids).map_err(Problem::internal)?;
            self.service.store.strengthen(&proven.stored, &hash).await?;
        }
        Ok(())
    }
}

/// Returns what the code adds to a right password.
fn proven(password: Proven, factor: Option<&StoredFactor>, code: Option<&Code>, call: &Call) -> Proof {
    let Some(factor) = factor.filter(|factor| factor.is_enrolled()) else { return Proof::Right(Box::new(password)) };
    let Some(code) = code else { return Proof::CodeNeeded };
    match factor.used(code, call.now()) {
        Some(used) => Proof::Right(Box::new(Proven { factor: Some(used), ..password })),
        None => Proof::Wrong,
    }
}
