//! Sign-in and confirmation.

use desk::{AccountView, Failure};
use domain::{Email, network::Limited, password::Password, second_factor};
use edge::{Answer, Call, Code, Problem};
use jiff::SignedDuration;
use lambda_http::http::StatusCode;
use runtime::Metric;

use crate::{
    Opened, Session,
    proof::{Proof, Proven},
};

impl Session {
    /// `POST /sessions`.
    pub(crate) async fn sign_in(&self, call: &Call) -> Result<Answer, Failure> {
        self.doorkeeper.check_site(call)?;
        let mut form = call.form()?;
        let email = form.required("email", |typed| Ok(typed.parse::<Email>().ok()));
        let tried = form.required("password", |typed| Ok(Password::tried(typed)));
        let code = form.optional("code", str::parse::<second_factor::Code>);
        let (email, tried) = form.finish(email.zip(tried))?;
        if let Some(email) = &email {
            self.service.identify(call, email).await?;
        }
        self.doorkeeper.admit(&self.service, call, Limited::SignIns).await?;
        let Some(email) = email else {
            // A text that is no address has no account, but is hashed like any other.
            self.hasher.verify(tried.as_ref(), None).map_err(Problem::internal)?;
            return Err(self.refused(call, Code::BadCredentials));
        };
        match self.prove(call, &email, tried.as_ref(), code.as_ref()).await? {
            Proof::Wrong | Proof::Waits => Err(self.refused(call, Code::BadCredentials)),
            Proof::CodeNeeded => Err(self.refused(call, Code::SecondFactorNeeded)),
            Proof::Right(proven) => self.open(call, &proven).await,
        }
    }

    fn refused(&self, call: &Call, code: Code) -> Failure {
        self.service.count(call, Metric::SignInsRefused);
        Problem::new(code).into()
    }

    async fn open(&self, call: &Call, proven: &Proven) -> Result<Answer, Failure> {
        let (store, now, stored) = (&self.service.store, call.now(), &proven.stored);
        if proven.credentials.provisional {
            self.doorkeeper.excuse(&self.service, call, Limited::SignIns).await?;
            store.ask_reset(&stored.account.email, &self.service.ids.id(), now).await?;
            return Err(Problem::new(Code::PasswordProvisional).into());
        }
        let expires_at = now + SignedDuration::from_hours(stored.account.session_hours());
        let token = match store.open_session(stored, proven.factor.as_ref(), &self.service.ids, now, expires_at).await {
            // The code was used, or the password changed, since they were read.
            Err(store::Error::Lost(_)) => return Err(self.refused(call, Code::BadCredentials)),
            opened => opened?,
        };
        store.try_succeeded(&stored.account.email, now).await?;
        self.doorkeeper.excuse(&self.service, call, Limited::SignIns).await?;
        let account = AccountView::of(&stored.account, &store.household(&stored.account).await?);
        tracing::info!("signed in");
        self.service.count(call, Metric::SignIns);
        Ok(Answer::json(StatusCode::CREATED, &Opened { token: token.reveal(), expires_at, account })?)
    }

    /// `POST /sessions/current/confirmation`: the password again, and a code where the account has a second factor. A
    /// wrong one counts as on sign-in.
    pub(crate) async fn confirm(&self, call: &Call) -> Result<Answer, Failure> {
        let (caller, _) = self.service.holder(call).await?;
        let mut form = call.form()?;
        let tried = form.required("password", |typed| Ok(Password::tried(typed)));
        let code = form.optional("code", str::parse::<second_factor::Code>);
        let tried = form.finish(tried)?;
        let (store, email, now) = (&self.service.store, &caller.account.email, call.now());
        let refused = || Err(Problem::new(Code::ConfirmationRefused).into());
        let proven = match self.prove(call, email, tried.as_ref(), code.as_ref()).await? {
            Proof::Right(proven) => proven,
            Proof::Waits => {
                let wait = store.wait(email, now).await?.unwrap_or_default();
                return Err(Problem::later(Code::SignInWaits, wait).into());
            }
            Proof::Wrong | Proof::CodeNeeded => return refused(),
        };
        if !store.confirm_session(email, &caller.token, proven.factor.as_ref(), now).await? {
            return refused();
        }
        store.try_succeeded(email, now).await?;
        tracing::info!("confirmed by the password");
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }
}
