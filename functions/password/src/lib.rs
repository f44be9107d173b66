//! Password resets: requests a link ("Mot de passe oublié"), and sets a password by it.
//!
//! Contract: `POST /password-resets` 202 with the same empty body for every address; a link is sent to an account's
//! address, at most three an hour, of which a used link gives one back. `PUT /password-resets/{token}` 204; 422 for a
//! weak password (the link stays valid for 20 of them); 404 `reset-link-dead` for a link that is unknown, used, older
//! than 1 h, or replaced by a newer one. It opens no session, ends all the account's sessions, and sends a message
//! about it.
//!
//! `GET` on the link answers 204 whatever the token, reads nothing and changes nothing, because mail scanners open links.
//! 403 `foreign-site` for a request that another site's page made; 429 when a network requests too many links.
//!
//! The first county account is the address in `COUNTY_EMAIL`: its first password reset creates it.

use desk::{Doorkeeper, Failure, Service};
use domain::{Email, Fault, network::Limited, password as rule};
use edge::{Answer, Call, Code, Endpoint, Problem};
use hashing::Hasher;
use lambda_http::http::StatusCode;
use runtime::{Misconfigured, Runtime, Secret};
use store::StoredAccount;

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

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        self.doorkeeper.check_site(call)?;
        match call.route() {
            "POST /password-resets" => self.ask(call).await,
            "GET /password-resets/{token}" => Ok(Answer::empty(StatusCode::NO_CONTENT)),
            "PUT /password-resets/{token}" => self.choose(call).await,
            _ => Err(Problem::not_found().into()),
        }
    }
}

impl Password {
    async fn ask(&self, call: &Call) -> Result<Answer, Failure> {
        let mut form = call.form()?;
        let email = form.required("email", str::parse::<Email>);
        let email = form.finish(email)?;
        self.service.identify(call, &email).await?;
        self.doorkeeper.admit(&self.service, call, Limited::Resets).await?;
        if email == self.county_email {
            self.service.store.found_county(&email, &self.service.ids, call.now()).await?;
        }
        self.service.store.ask_reset(&email, &self.service.ids.id(), call.now()).await?;
        tracing::info!("a password link was requested");
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
        self.service.identify(call, &stored.account.email).await?;
        let mut form = call.form()?;
        let typed = form.required("password", |typed| Ok(typed.to_owned()));
        // A browser's password manager fills in the address. With another one, it would keep a wrong pair.
        form.optional("email", |typed| is_of_account(typed, &stored));
        let typed = form.finish(typed)?;
        let chosen = match self.chosen(&typed, &stored).await? {
            Ok(chosen) => chosen,
            Err(fault) if self.service.store.refuse(&token.digest()).await? => {
                return Err(Problem::field("password", &fault).into());
            }
            Err(_) => return Err(link_dead().into()),
        };
        let hash = self.hasher.hash(&chosen, &self.service.ids).map_err(Problem::internal)?;
        let (generation, mail_id) = (self.service.ids.id(), self.service.ids.id());
        let (store, now) = (&self.service.store, call.now());
        if store.choose_password(&stored, &token.digest(), &hash, &generation, &mail_id, now).await? {
            tracing::info!("a password was chosen by a link");
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
        known.add_household(&members.iter().map(|member| &member.person).collect::<Vec<_>>());
        let catalog = self.service.store.catalog(&libraries, &[]).await?;
        for library in catalog.libraries.values() {
            known.add_library(library);
        }
        Ok(rule::Password::chosen(typed, &known))
    }
}

fn is_of_account(typed: &str, stored: &StoredAccount) -> Result<(), Fault> {
    if typed.parse::<Email>().is_ok_and(|email| email == stored.account.email) {
        return Ok(());
    }
    Err(Fault::new("wrong-address", "Ce lien a été envoyé à une autre adresse e-mail : indiquez celle-là."))
}

fn link_dead() -> Problem {
    Problem::new(Code::ResetLinkDead)
}
