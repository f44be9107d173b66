//! Staff: their entries in the directory, written together with their accounts.

use domain::{Account, Email, Staff, StaffRole, directory::Change, message::Message};
use serde::{Deserialize, Serialize};

use crate::{
    Credentials, DirectoryEntry, Editor, Error, Store, StoredAccount, Write,
    directory::{next_version, unchanged},
    keys, text,
    transaction::{Condition, Transaction},
};

/// A member of staff: the directory's entry. The account has the same place in the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The address of the account.
    pub email: Email,
    /// The place in the staff.
    #[serde(flatten)]
    pub staff: Staff,
}

impl Member {
    /// Returns whether this is county staff.
    pub fn is_county(&self) -> bool {
        self.staff.role == StaffRole::County
    }
}

/// What happens to an account whose role is raised, or that is new: it has no password.
#[derive(Debug, Clone, Copy)]
pub struct Raising<'a> {
    /// Its new generation, which ends its sessions.
    pub generation: &'a str,
    /// The password of a new account, for the demonstration and for tests.
    pub credentials: Option<&'a Credentials>,
}

/// The result of a change to the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffChange {
    /// The change is committed, and made this version.
    Done(u64),
    /// Another change came first: decide again.
    Stale,
    /// Refused: no other county account would be left.
    LastCounty,
}

impl Store {
    /// Returns all staff, by e-mail. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn staff(&self) -> Result<Vec<DirectoryEntry<Member>>, Error> {
        self.partition(keys::STAFF).await
    }

    /// Returns a member of staff. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn member(&self, email: &Email) -> Result<Option<DirectoryEntry<Member>>, Error> {
        self.get(keys::staff(email)).await
    }

    /// Adds or changes a member of staff. Takes effect at their next request. An address that has an account gets the
    /// place added to it. An account whose role is raised loses password and sessions, as `raising` says; any other
    /// change keeps both. Also removes the mark of an address that bounced or complained: entering it again confirms it.
    ///
    /// A change by an `editor` is traced. A new member is sent the invitation, and an account that is raised a link,
    /// since it has lost its password. The county's first account is made by its own address, which asks for a link
    /// itself: it is sent neither.
    ///
    /// Committed under the entry and the account that were read, so also under their role. Costs 4 WRU; 2 more for a
    /// raised role, 2 for the line of a change, 3 for each message, and 2 for each registration whose mark is removed.
    /// Where a county account becomes a librarian's, also the read of the staff and a condition check on another county
    /// account.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn put_staff(
        &self,
        before: Option<&DirectoryEntry<Member>>,
        account: Option<&StoredAccount>,
        member: &Member,
        raising: Raising<'_>,
        editor: Option<&Editor<'_>>,
    ) -> Result<StaffChange, Error> {
        let (email, staff) = (&member.email, &member.staff);
        let change = Change::of_staff(email, before.map(|before| &before.content.staff), staff);
        let writer = editor.filter(|editor| editor.by != email);
        let invitation = writer.filter(|_| before.is_none()).map(|editor| editor.ids.id());
        let putting = self.transaction().put_entry(Write::StaffEntry, keys::staff(email), member, before)?;
        let mut putting = match account {
            None => {
                let account = Account::of_staff(email.clone(), staff.clone());
                let messages = invitation.iter().cloned().collect();
                putting.open_account(account, raising.credentials, raising.generation, messages)?
            }
            Some(account) if account.account.is_raised_by(staff) => {
                putting.raise(account, staff, raising.generation, invitation.as_deref(), writer)?
            }
            Some(account) => putting.place(account, staff)?,
        };
        if let Some((id, editor)) = invitation.zip(writer) {
            putting = putting.queue(&id, &editor.invitation(email), editor.at)?;
        }
        if before.is_some_and(|before| before.content.is_county()) && !member.is_county() {
            let Some(other) = self.other_county(&member.email).await? else { return Ok(StaffChange::LastCounty) };
            putting = putting.check(Write::OtherCounty, keys::account(&other), still_county()?)?;
        }
        putting.traced(change.as_ref(), editor)?.changing_staff(next_version(member, before)).await
    }

    /// Removes a member of staff, and traces it. An account without registrations ends, with its sessions and links;
    /// another one stays a patron's, with its password.
    ///
    /// Committed under the entry and the account that were read, so also under their role. The last county account
    /// stays: a removal is committed under the condition that another one exists. Costs 4 WRU, 6 for an account that
    /// ends, 2 for the line, 3 for each message, and for county accounts the read of the staff and that condition check.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn remove_staff(
        &self,
        before: &DirectoryEntry<Member>,
        account: Option<&StoredAccount>,
        editor: Option<&Editor<'_>>,
    ) -> Result<StaffChange, Error> {
        let email = &before.content.email;
        let mut removal = self.transaction().delete(Write::StaffEntry, keys::staff(email), unchanged(Some(before)))?;
        if let Some(stored) = account {
            removal = if stored.account.with_staff(None).is_some() {
                // The second factor protects a place in the staff; a patron could not have it taken off.
                let expression = "SET revision = :next REMOVE staff, lastSignInAt, secondFactor";
                let key = keys::account(email);
                removal.without_factor(stored)?.update(Write::Account, key, expression, stored.unchanged([]))?
            } else {
                removal.end_account(Write::Account, stored)?
            };
        }
        if before.content.is_county() {
            let Some(other) = self.other_county(email).await? else { return Ok(StaffChange::LastCounty) };
            removal = removal.check(Write::OtherCounty, keys::account(&other), still_county()?)?;
        }
        removal.traced(Some(&Change::removal(email)), editor)?.changing_staff(before.version).await
    }

    /// Ends all sessions of a member of staff, and traces it. Returns `false` if another change came first. Costs 6 WRU,
    /// and 3 for each message.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn end_sessions_of(&self, member: &StoredAccount, editor: &Editor<'_>) -> Result<bool, Error> {
        let change = Change::sessions_ended(&member.account.email);
        let ended = self.transaction().renew_generation(member, &editor.ids.id())?;
        ended.traced(Some(&change), Some(editor))?.won().await
    }

    /// Removes the second factor of a member of staff who has lost it, ends their sessions, and traces it. Does nothing
    /// without a second factor. Returns `false` if another change came first. Costs 8 WRU, and 3 for each message.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn take_factor_off_member(&self, member: &StoredAccount, editor: &Editor<'_>) -> Result<bool, Error> {
        let email = &member.account.email;
        let off = self.transaction().delete_factor(email)?.renew_generation(member, &editor.ids.id())?;
        match off.traced(Some(&Change::second_factor_removed(email)), Some(editor))?.commit().await {
            Err(Error::Lost(Write::SecondFactor)) | Ok(()) => Ok(true),
            Err(Error::Lost(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns the address of another county account, if there is one. It may be removed meanwhile, so a transaction
    /// checks it. Costs the read of the staff.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn other_county(&self, email: &Email) -> Result<Option<Email>, Error> {
        let mut staff = self.staff().await?.into_iter().map(|member| member.content);
        Ok(staff.find(|other| other.is_county() && other.email != *email).map(|other| other.email))
    }
}

impl Transaction<'_> {
    /// Adds a place in the staff to an account, without changing its password. Saving it unchanged is no change.
    fn place(self, account: &StoredAccount, staff: &Staff) -> Result<Self, Error> {
        if account.account.staff.as_ref() == Some(staff) && account.mail_state.is_none() {
            return self.check(Write::Account, keys::account(&account.account.email), account.as_read());
        }
        let unchanged = account.unchanged([(":staff", serde_dynamo::to_attribute_value(staff)?)]);
        let expression = "SET staff = :staff, revision = :next REMOVE mailState";
        self.update(Write::Account, keys::account(&account.account.email), expression, unchanged)?.unmark(account)
    }

    /// Adds a place in the staff that gives an account more than it had, and the link that `writer` sends it.
    fn raise(
        self,
        account: &StoredAccount,
        staff: &Staff,
        generation: &str,
        invitation: Option<&str>,
        writer: Option<&Editor<'_>>,
    ) -> Result<Self, Error> {
        let email = &account.account.email;
        let mut expression = "SET staff = :staff, revision = :next, generation = :generation".to_owned();
        let mut values = vec![(":staff", serde_dynamo::to_attribute_value(staff)?), (":generation", text(generation))];
        let mut gone = vec!["mailState", "linkDigest", "passwordState"];
        let mut raised = self.delete(Write::Secret, keys::secret(email), Condition::default())?;
        if let Some(editor) = writer {
            let link = editor.ids.id();
            expression.push_str(", resetMail = :mail, linkMail = :mail, messages = :mails");
            values.push((":mail", text(&link)));
            let messages = account.messages_with(invitation.into_iter().chain([link.as_str()]));
            values.push((":mails", serde_dynamo::to_attribute_value(messages)?));
            raised = raised.queue(&link, &Message::PasswordLink { to: email.clone() }, editor.at)?;
        } else {
            gone.push("resetMail");
        }
        let expression = format!("{expression} REMOVE {}", gone.join(", "));
        raised.update(Write::Account, keys::account(email), &expression, account.unchanged(values))?.unmark(account)
    }

    /// Commits a change of the staff that makes `version`.
    async fn changing_staff(self, version: u64) -> Result<StaffChange, Error> {
        Ok(if self.won().await? { StaffChange::Done(version) } else { StaffChange::Stale })
    }
}

fn still_county() -> Result<Condition, Error> {
    Ok(Condition::new("staff.#role = :county", [(":county", serde_dynamo::to_attribute_value(StaffRole::County)?)]))
}
