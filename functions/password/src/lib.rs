//! Password resets: requests a link ("Mot de passe oublié"), and sets a password by it.
//!
//! Contract: `POST /password-resets` 202 with the same empty body for every address; a link is sent to an account's
//! address, at most three an hour. `PUT /password-resets/{token}` 204; 422 for a weak password (the link stays valid);
//! 404 `reset-link-dead` for a link that is unknown, used, older than 1 h, or replaced by a newer one. It opens no
//! session, ends all the account's sessions, and sends a message about it.
//!
//! `GET` on the link answers 204 or 404, redirects browsers to the portal's page, and changes nothing, because mail
//! scanners open links. 429 when an IP address makes too many requests.
//!
//! The first county account is the address in `COUNTY_EMAIL`: its first password reset creates it.

use desk::{Doorkeeper, Failure, Service};
use domain::{Email, Fault, password as rule};
use edge::{Answer, Call, Code, Endpoint, Problem};
use hashing::Hasher;
use lambda_http::http::StatusCode;
use runtime::{Misconfigured, Runtime, Secret};
use store::StoredAccount;

/// The portal's page "Choisir mon mot de passe".
const PAGE: &str = "/portail/choisir-mon-mot-de-passe";

/// The endpoints `/password-resets`.
#[derive(Debug)]
pub struct Password {
    service: Service,
    hasher: Hasher,
    doorkeeper: Doorkeeper,
    county_email: Email,
}

impl Endpoint for Password {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let county_email = runtime.env.parsed("COUNTY_EMAIL")?;
        let doorkeeper = Doorkeeper::from_runtime(runtime)?;
        Ok(Self { service: Service::from_runtime(runtime)?, hasher: Hasher::new(), doorkeeper, county_email })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        self.doorkeeper.admit(&self.service, &call).await?;
        match call.route() {
            "POST /password-resets" => self.ask(&call).await,
            "GET /password-resets/{token}" => {
                if let Some(page) = page(&call)? {
                    return Ok(Answer::see_other(page));
                }
                self.link(&call).await?;
                Ok(Answer::empty(StatusCode::NO_CONTENT))
            }
            "PUT /password-resets/{token}" => self.choose(&call).await,
            _ => Err(Problem::not_found().into()),
        }
    }
}

impl Password {
    async fn ask(&self, call: &Call) -> Result<Answer, Failure> {
        let mut form = call.form()?;
        let email = form.required("email", |typed| Ok(typed.parse::<Email>().ok()));
        if let Some(email) = form.finish(email)? {
            if email == self.county_email {
                self.service.store.found_county(&email, &self.service.ids.id()).await?;
            }
            self.service.store.ask_reset(&email, &self.service.ids.id(), call.now()).await?;
        }
        Ok(Answer::empty(StatusCode::ACCEPTED))
    }

    /// Returns the token in a call's path, and the account of its link.
    async fn link(&self, call: &Call) -> Result<(Secret, StoredAccount), Failure> {
        let token = Secret::new(call.path_variable("token")?);
        let stored = self.service.store.link(&token.digest(), call.now()).await?;
        Ok((token, stored.ok_or_else(link_dead)?))
    }

    async fn choose(&self, call: &Call) -> Result<Answer, Failure> {
        let (token, stored) = self.link(call).await?;
        let mut form = call.form()?;
        let typed = form.required("password", |typed| Ok(typed.to_owned()));
        let typed = form.finish(typed)?;
        let chosen = self.chosen(&typed, &stored).await?.map_err(|fault| Problem::field("password", &fault))?;
        let hash = self.hasher.hash(&chosen, &self.service.ids).map_err(Problem::internal)?;
        let (generation, mail_id) = (self.service.ids.id(), self.service.ids.id());
        let (store, now) = (&self.service.store, call.now());
        if store.choose_password(&stored, &token.digest(), &hash, &generation, &mail_id, now).await? {
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        } else {
            Err(link_dead().into())
        }
    }

    /// Checks a password by the rule (rules, section 1), including against what is known of the account's holders: as
    /// patrons and as staff. Costs 1 RRU for each member of the household, and 1 for each library.
    async fn chosen(&self, typed: &str, stored: &StoredAccount) -> Result<Result<rule::Password, Fault>, Failure> {
        let account = &stored.account;
        let members = self.service.store.household(account).await?;
        let libraries = members.iter().map(|member| &member.library_id).chain(account.library_ids());
        let libraries: Vec<_> = libraries.cloned().collect();
        let mut known = rule::Known::default();
        known.add_text(account.email.as_str());
        if let Some(staff) = &account.staff {
            known.add_text(&staff.display_name);
        }
        for member in &members {
            known.add_person(&member.person);
        }
        let catalog = self.service.store.catalog(&libraries, &[]).await?;
        for library in catalog.libraries.values() {
            known.add_library(library);
        }
        Ok(rule::Password::chosen(typed, &known))
    }
}

/// Returns the portal's page for a link that was opened in a browser. The token is after the `#`, which browsers do not
/// send, so it reaches no server and no log on the way to the page.
fn page(call: &Call) -> Result<Option<String>, Problem> {
    let token = call.path_variable("token")?;
    let plain = token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    Ok((call.accepts_html() && plain).then(|| format!("{PAGE}#{token}")))
}

fn link_dead() -> Problem {
    Problem::new(Code::ResetLinkDead)
}
