//! Staff: their entries in the directory, written together with their accounts.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Account, Email, LibraryId, Role};
use serde::{Deserialize, Serialize};

use crate::{
    Credentials, DirectoryEntry, Error, Store, StoredAccount, Write,
    directory::{next_version, unchanged},
    keys, text,
    transaction::{Condition, Transaction},
};

/// The directory's entry of a member of staff.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StaffEntry {
    email: Email,
    display_name: String,
    role: Role,
    library_ids: Vec<LibraryId>,
}

impl From<&Account> for StaffEntry {
    fn from(account: &Account) -> Self {
        Self {
            email: account.email.clone(),
            display_name: account.display_name.clone(),
            role: account.role,
            library_ids: account.library_ids.clone(),
        }
    }
}

impl From<Account> for StaffEntry {
    fn from(account: Account) -> Self {
        Self::from(&account)
    }
}

impl From<StaffEntry> for Account {
    fn from(entry: StaffEntry) -> Self {
        let StaffEntry { email, display_name, role, library_ids } = entry;
        Self { email, role, display_name, library_ids, registration_id: None }
    }
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
    pub async fn staff(&self) -> Result<Vec<DirectoryEntry<Account>>, Error> {
        let entries: Vec<DirectoryEntry<StaffEntry>> = self.partition(keys::STAFF).await?;
        Ok(entries.into_iter().map(DirectoryEntry::map).collect())
    }

    /// Returns a member of staff. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn member(&self, email: &Email) -> Result<Option<DirectoryEntry<Account>>, Error> {
        let entry: Option<DirectoryEntry<StaffEntry>> = self.get(keys::staff(email)).await?;
        Ok(entry.map(DirectoryEntry::map))
    }

    /// Adds a member of staff, usually without a password: they choose it by the reset link. Returns `Stale` if the
    /// address has an account already. Costs 4 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn add_staff(
        &self,
        account: &Account,
        credentials: Credentials,
        generation: &str,
    ) -> Result<StaffChange, Error> {
        let stored = StoredAccount::new(account.clone(), credentials, generation.to_owned());
        self.transaction()
            .put(Write::Account, stored.into_attributes()?, Condition::absent())?
            .put_entry(Write::StaffEntry, keys::staff(&account.email), &StaffEntry::from(account), None)?
            .changing_staff(next_version(account, None))
            .await
    }

    /// Changes the name, role and libraries of a member of staff. Takes effect at their next request; open sessions
    /// stay valid. Also removes the mark of an address that bounced or complained: entering it again confirms it.
    ///
    /// Committed under the version `before`, so also under its role. Costs 4 WRU; where a county account becomes a
    /// librarian's, also the read of the staff and a condition check on another county account.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn change_staff(
        &self,
        before: &DirectoryEntry<Account>,
        account: &Account,
    ) -> Result<StaffChange, Error> {
        let libraries: AttributeValue = serde_dynamo::to_attribute_value(&account.library_ids)?;
        let role: AttributeValue = serde_dynamo::to_attribute_value(account.role)?;
        let values = [(":name", text(&account.display_name)), (":role", role), (":libraries", libraries)];
        let entry = DirectoryEntry { content: StaffEntry::from(&before.content), version: before.version };
        let mut transaction = self
            .transaction()
            .update(
                Write::Account,
                keys::account(&account.email),
                "SET displayName = :name, #role = :role, libraryIds = :libraries REMOVE mailState",
                Condition::new("attribute_exists(pk)", values),
            )?
            .put_entry(Write::StaffEntry, keys::staff(&account.email), &StaffEntry::from(account), Some(&entry))?;
        if before.content.is_county() && !account.is_county() {
            let Some(other) = self.other_county(&account.email).await? else { return Ok(StaffChange::LastCounty) };
            transaction = transaction.check(Write::OtherCounty, keys::account(&other), still_county()?)?;
        }
        transaction.changing_staff(next_version(account, Some(before))).await
    }

    /// Removes a member of staff. Sessions and links of the account are void from then on.
    ///
    /// Committed under the version `before`, so also under its role. The last county account stays: a removal is
    /// committed under the condition that another one exists. Costs 4 WRU, and for county accounts the read of the staff
    /// and that condition check.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn remove_staff(&self, before: &DirectoryEntry<Account>) -> Result<StaffChange, Error> {
        let email = &before.content.email;
        let mut transaction = self
            .transaction()
            .delete(Write::Account, keys::account(email), Condition::present())?
            .delete(Write::StaffEntry, keys::staff(email), unchanged(Some(before)))?;
        if before.content.is_county() {
            let Some(other) = self.other_county(email).await? else { return Ok(StaffChange::LastCounty) };
            transaction = transaction.check(Write::OtherCounty, keys::account(&other), still_county()?)?;
        }
        transaction.changing_staff(before.version).await
    }

    /// Returns the address of another county account, to be checked in the transaction: it may be removed meanwhile.
    async fn other_county(&self, email: &Email) -> Result<Option<Email>, Error> {
        let mut staff = self.staff().await?.into_iter().map(|member| member.content);
        Ok(staff.find(|other| other.is_county() && other.email != *email).map(|other| other.email))
    }
}

impl Transaction<'_> {
    /// Commits a change of the staff that makes `version`.
    async fn changing_staff(self, version: u64) -> Result<StaffChange, Error> {
        Ok(if self.won().await? { StaffChange::Done(version) } else { StaffChange::Stale })
    }
}

fn still_county() -> Result<Condition, Error> {
    Ok(Condition::new("#role = :county", [(":county", serde_dynamo::to_attribute_value(Role::County)?)]))
}
