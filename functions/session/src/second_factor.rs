//! The caller's second factor: enrolled, replaced, removed (requirements AP15).

use desk::{Caller, Failure};
use domain::second_factor::{self, RECOVERY_CODES, SharedSecret, recovery_code};
use edge::{Answer, Call, Code, Problem};
use lambda_http::http::StatusCode;
use runtime::digest;
use serde::Serialize;
use store::StoredAccount;

use crate::Session;

/// The secret to enter into an authenticator app.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Enrolment {
    /// The address that a QR code shows to an authenticator app.
    uri: String,
    /// The secret in base32, to be typed where no QR code can be scanned.
    secret: String,
}

/// The recovery codes, shown once.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct RecoveryCodes {
    /// Ten codes, each good once in place of the app's.
    recovery_codes: Vec<String>,
}

impl Session {
    /// `POST /me/second-factor`: a new secret, which a first code confirms within the hour. A second factor that is
    /// enrolled stays until then.
    pub(crate) async fn begin_enrolment(&self, call: &Call) -> Result<Answer, Failure> {
        let (caller, stored) = self.of_staff(call).await?;
        caller.check_confirmed(call)?;
        let (store, email) = (&self.service.store, &caller.account.email);
        let secret = SharedSecret::new(self.service.ids.bytes());
        let begun = Enrolment { uri: secret.uri(email), secret: secret.reveal().to_owned() };
        let before = store.second_factor(email).await?;
        if !store.begin_enrolment(&stored, before, secret, call.now()).await? {
            return Err(Problem::stale().into());
        }
        Ok(Answer::json(StatusCode::OK, &begun)?)
    }

    /// `PUT /me/second-factor`: the first code. The account's other sessions end, because they were opened without it.
    pub(crate) async fn enrol(&self, call: &Call) -> Result<Answer, Failure> {
        let (caller, stored) = self.of_staff(call).await?;
        let mut form = call.form()?;
        let code = form.required("code", str::parse::<second_factor::Code>);
        let (store, now) = (&self.service.store, call.now());
        let pending = store.second_factor(&caller.account.email).await?.filter(|factor| factor.is_pending(now));
        let codes: Vec<String> =
            std::iter::repeat_with(|| recovery_code(self.service.ids.bytes())).take(RECOVERY_CODES).collect();
        let digests = codes.iter().map(|code| digest(code.replace('-', "").as_bytes())).collect();
        let missing = || Problem::new(Code::EnrolmentMissing);
        let code = form.finish(code)?;
        let Some(factor) = pending.ok_or_else(missing)?.confirmed(&code, digests, now) else {
            return Err(Problem::field("code", &wrong_code()).into());
        };
        if !store.enrol(&stored, &factor, &self.service.ids.id(), &caller.token).await? {
            return Err(missing().into());
        }
        tracing::info!("a second factor was enrolled");
        Ok(Answer::json(StatusCode::OK, &RecoveryCodes { recovery_codes: codes })?)
    }

    /// `DELETE /me/second-factor`. The account's other sessions end.
    pub(crate) async fn take_factor_off(&self, call: &Call) -> Result<Answer, Failure> {
        let (caller, stored) = self.of_staff(call).await?;
        if self.service.requires_second_factor(&caller.account) {
            return Err(Problem::new(Code::CountySecondFactor).into());
        }
        caller.check_confirmed(call)?;
        let store = &self.service.store;
        if store.second_factor(&caller.account.email).await?.is_some()
            && !store.take_factor_off(&stored, &self.service.ids.id(), &caller.token).await?
        {
            return Err(Problem::stale().into());
        }
        tracing::info!("a second factor was removed");
        Ok(Answer::empty(StatusCode::NO_CONTENT))
    }

    async fn of_staff(&self, call: &Call) -> Result<(Caller, StoredAccount), Failure> {
        let (caller, stored) = self.service.holder(call).await?;
        caller.check_staff()?;
        Ok((caller, stored))
    }
}

fn wrong_code() -> domain::Fault {
    domain::Fault::new("wrong-code", "Ce code ne convient pas : tapez celui que l’application montre en ce moment.")
}
