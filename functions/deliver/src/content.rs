//! The content of a message, read when it is sent: current names, and only registrations that it still concerns.

use std::{collections::BTreeMap, slice::from_ref};

use domain::{
    Email, Library, LibraryId, RegistrationId, ResourceId,
    delivery::AddressState,
    directory::{Entry, Line},
    household::first_names,
    message::Message,
};
use mail::{Content, Overdue, OverdueLibrary};
use store::{Error, LINK_LIFE, OutboxItem, StoredAccount, Versioned};

use crate::Deliver;

/// A message whose content was fetched.
pub(crate) enum Prepared {
    /// It is to be sent.
    Send(Email, Content),
    /// It is no longer to be sent, for this reason.
    Drop(&'static str),
}

impl Deliver {
    /// Fetches the content of a message and its recipient's address.
    pub(crate) async fn fetch_content(&self, item: &OutboxItem) -> Result<Prepared, Error> {
        match &item.message {
            Message::Activation { registration_id } => self.activation(registration_id).await,
            Message::PasswordLink { to } => self.password_link(to, item).await,
            Message::PasswordChanged { to } => {
                self.about_account(to, |members| Content::PasswordChanged { members }).await
            }
            Message::SignInWaits { to } => self.about_account(to, |members| Content::SignInWaits { members }).await,
            Message::EmailChanged { to, registration_id } => self.email_changed(to, registration_id).await,
            Message::LibraryDigest { library_id } => self.library_digest(item, library_id).await,
            Message::CountyDigest => self.county_digest(item).await,
            Message::Invitation { to, by } => self.invitation(to, by).await,
            Message::DirectoryChanged { to, line } => self.directory_changed(to, line).await,
        }
    }

    async fn activation(&self, id: &RegistrationId) -> Result<Prepared, Error> {
        let Some(Versioned { registration, .. }) = self.store.registration(id).await? else {
            return Ok(Prepared::Drop("the registration is gone"));
        };
        if let Some(state) = registration.mail_state {
            return Ok(Prepared::Drop(state.why()));
        }
        let library = from_ref(&registration.library_id);
        let catalog = self.store.catalog(library, &registration.resources).await?;
        let offered = |id: &ResourceId| catalog.resources.get(id).filter(|resource| resource.active);
        let content = Content::Activation {
            first_name: registration.person.first_name.to_string(),
            library: label(catalog.libraries.get(&registration.library_id), &registration.library_id),
            expires_on: registration.expires_on,
            resources: registration
                .resources
                .iter()
                .filter_map(offered)
                .map(|resource| resource.name.clone())
                .collect(),
        };
        Ok(Prepared::Send(registration.person.email, content))
    }

    /// Returns why no message is sent to an account's address; `None` if it is. The county's own address always gets
    /// messages: without a reset link it could lose access for good. Digests skip this check, because the procedure
    /// depends on them; their addresses are set by the county.
    fn held_back(&self, stored: &StoredAccount) -> Option<&'static str> {
        let exempt = stored.account.email == self.county_email;
        stored.mail_state.filter(|_| !exempt).map(AddressState::why)
    }

    /// To the address that a registration has left, which may still have an account.
    async fn email_changed(&self, to: &Email, id: &RegistrationId) -> Result<Prepared, Error> {
        let Some(Versioned { registration, .. }) = self.store.registration(id).await? else {
            return Ok(Prepared::Drop("the registration is gone"));
        };
        let first_name = registration.person.first_name.to_string();
        let account = self.store.account(to).await?;
        Ok(match account.and_then(|stored| self.held_back(&stored)) {
            Some(why) => Prepared::Drop(why),
            None => Prepared::Send(to.clone(), Content::EmailChanged { first_name }),
        })
    }

    /// Prepares a message to an account about itself.
    async fn about_account(&self, to: &Email, content: fn(Vec<String>) -> Content) -> Result<Prepared, Error> {
        let Some(stored) = self.store.account(to).await? else {
            return Ok(Prepared::Drop("the account is gone"));
        };
        if let Some(why) = self.held_back(&stored) {
            return Ok(Prepared::Drop(why));
        }
        let members = self.members(&stored).await?;
        Ok(Prepared::Send(to.clone(), content(members)))
    }

    /// Returns the first names of the patrons whose account it is.
    async fn members(&self, stored: &StoredAccount) -> Result<Vec<String>, Error> {
        Ok(first_names(&self.store.household(&stored.account).await?))
    }

    /// Makes the link's token here, so that it is in clear text in its message only.
    ///
    /// The message of a replaced link is still sent within the hour, like that of a link replaced just after sending:
    /// each request brings a message, and the newest link works.
    async fn password_link(&self, to: &Email, item: &OutboxItem) -> Result<Prepared, Error> {
        let Some(stored) = self.store.account(to).await? else {
            return Ok(Prepared::Drop("the account is gone"));
        };
        if let Some(why) = self.held_back(&stored) {
            return Ok(Prepared::Drop(why));
        }
        let members = self.members(&stored).await?;
        let (token, now) = (self.ids.secret(), self.clock.now());
        let newest = self.store.make_link(to, &item.message_id, &token.digest(), now).await?;
        if !newest && now >= item.written_at + LINK_LIFE {
            return Ok(Prepared::Drop("a newer link was asked for"));
        }
        if !newest && self.store.account(to).await?.is_none() {
            return Ok(Prepared::Drop("the account is gone"));
        }
        Ok(Prepared::Send(to.clone(), Content::PasswordLink { token, members }))
    }

    /// To a member of staff who may have no password yet.
    async fn invitation(&self, to: &Email, by: &Email) -> Result<Prepared, Error> {
        let Some(stored) = self.store.account(to).await? else {
            return Ok(Prepared::Drop("the account is gone"));
        };
        if let Some(why) = self.held_back(&stored) {
            return Ok(Prepared::Drop(why));
        }
        let Some(staff) = stored.account.staff else {
            return Ok(Prepared::Drop("no longer a member of staff"));
        };
        let catalog = self.store.catalog(&staff.library_ids, &[]).await?;
        let libraries = staff.library_ids.iter().map(|id| label(catalog.libraries.get(id), id)).collect();
        let name = self.staff_name(by).await?;
        let by = name.map_or_else(|| by.to_string(), |name| format!("{name} ({by})"));
        Ok(Prepared::Send(to.clone(), Content::Invitation { to: to.clone(), by, role: staff.role, libraries }))
    }

    /// To the county, or to an address that the change is about, which may have an account.
    async fn directory_changed(&self, to: &Email, line: &Line) -> Result<Prepared, Error> {
        if let Some(why) = self.store.account(to).await?.and_then(|stored| self.held_back(&stored)) {
            return Ok(Prepared::Drop(why));
        }
        let name = match &line.entry {
            Entry::Library { id } => self.store.catalog(from_ref(id), &[]).await?.libraries.get(id).map(Library::label),
            Entry::Resource { id } => {
                self.store.catalog(&[], from_ref(id)).await?.resources.remove(id).map(|resource| resource.name)
            }
            Entry::Staff { email } => self.staff_name(email).await?,
        };
        Ok(Prepared::Send(to.clone(), Content::DirectoryChanged { line: Box::new(line.clone()), name }))
    }

    /// Returns the displayed name of a member of staff; `None` if it is no longer one's address.
    async fn staff_name(&self, email: &Email) -> Result<Option<String>, Error> {
        let account = self.store.account(email).await?.map(|stored| stored.account);
        Ok(account.and_then(|account| account.staff).map(|staff| staff.display_name))
    }

    async fn library_digest(&self, item: &OutboxItem, id: &LibraryId) -> Result<Prepared, Error> {
        let mut patrons = self.still_pending(item).await?;
        // A patron who has moved is the new library's to know.
        patrons.retain(|found| found.registration.library_id == *id);
        let catalog = self.store.catalog(from_ref(id), &[]).await?;
        let library = catalog.libraries.get(id);
        let Some(to) = library.and_then(|library| library.email.clone()) else {
            return Ok(Prepared::Drop("the library no longer has an address"));
        };
        if patrons.is_empty() {
            return Ok(Prepared::Drop("all its patrons were activated or moved meanwhile"));
        }
        // Before the sending, because a failure after it would send the digest twice.
        self.store.date_warnings(&patrons, self.clock.now()).await?;
        let patrons = patrons.iter().map(overdue).collect();
        Ok(Prepared::Send(
            to,
            Content::LibraryDigest { library: label(library, id), patrons, continued: item.continued },
        ))
    }

    async fn county_digest(&self, item: &OutboxItem) -> Result<Prepared, Error> {
        let mut by_library: BTreeMap<LibraryId, Vec<Versioned>> = BTreeMap::new();
        for found in self.still_pending(item).await? {
            by_library.entry(found.registration.library_id.clone()).or_default().push(found);
        }
        if by_library.is_empty() {
            return Ok(Prepared::Drop("all its patrons were activated meanwhile"));
        }
        let ids: Vec<LibraryId> = by_library.keys().cloned().collect();
        let known = self.store.catalog(&ids, &[]).await?.libraries;
        let mut libraries: Vec<OverdueLibrary> = by_library
            .into_iter()
            .map(|(id, patrons)| OverdueLibrary {
                library: label(known.get(&id), &id),
                has_address: known.get(&id).is_some_and(|library| library.email.is_some()),
                patrons: patrons.iter().map(overdue).collect(),
            })
            .collect();
        libraries.sort_by_cached_key(|library| domain::collation::fold(&library.library));
        Ok(Prepared::Send(self.county_email.clone(), Content::CountyDigest { libraries, continued: item.continued }))
    }

    /// Reads the registrations that a digest lists, in name order, without those activated since.
    async fn still_pending(&self, item: &OutboxItem) -> Result<Vec<Versioned>, Error> {
        let ids: Vec<RegistrationId> = item.patrons.iter().cloned().collect();
        let mut pending = self.store.registrations_of(&ids).await?;
        pending.retain(|found| found.registration.is_pending());
        pending.sort_by_cached_key(|found| {
            let person = &found.registration.person;
            domain::collation::name_key(person.last_name.as_str(), person.first_name.as_str())
        });
        Ok(pending)
    }
}

fn label(library: Option<&Library>, id: &LibraryId) -> String {
    library.map_or_else(|| id.to_string(), Library::label)
}

fn overdue(Versioned { registration, .. }: &Versioned) -> Overdue {
    Overdue {
        last_name: registration.person.last_name.to_string(),
        first_name: registration.person.first_name.to_string(),
        registered_on: registration.registered_on,
    }
}
