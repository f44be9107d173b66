//! Libraries, resources and staff: the directory that the county maintains.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{Account, Email, Library, LibraryId, Resource, ResourceId, Role};
use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Credentials, Error, Store, StoredAccount, Write,
    item::{decode, item, text_of},
    keys, text,
    transaction::Condition,
};

/// The directory's entry of a member of staff.
#[derive(Debug, Serialize, Deserialize)]
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

impl StaffEntry {
    fn into_account(self) -> Account {
        Account {
            email: self.email,
            role: self.role,
            display_name: self.display_name,
            library_ids: self.library_ids,
            registration_id: None,
        }
    }
}

/// Libraries and resources by id, as far as they exist.
#[derive(Debug, Default)]
pub struct Catalog {
    /// The libraries.
    pub libraries: BTreeMap<LibraryId, Library>,
    /// The resources.
    pub resources: BTreeMap<ResourceId, Resource>,
}

/// The result of a change to the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffChange {
    /// The change is committed.
    Done,
    /// There is no such member of staff.
    Unknown,
    /// Refused: no other county account would be left.
    LastCounty,
}

impl Store {
    /// Returns all libraries, by id. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn libraries(&self) -> Result<Vec<Library>, Error> {
        self.partition(keys::LIBRARIES).await
    }

    /// Returns all resources, by id. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn resources(&self) -> Result<Vec<Resource>, Error> {
        self.partition(keys::RESOURCES).await
    }

    /// Returns all staff, by e-mail. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn staff(&self) -> Result<Vec<Account>, Error> {
        let entries: Vec<StaffEntry> = self.partition(keys::STAFF).await?;
        Ok(entries.into_iter().map(StaffEntry::into_account).collect())
    }

    /// Returns the libraries and resources of these ids, in one call for up to 100. Costs 1 RRU each; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn catalog(&self, libraries: &[LibraryId], resources: &[ResourceId]) -> Result<Catalog, Error> {
        let keys = libraries.iter().map(keys::library).chain(resources.iter().map(keys::resource));
        let mut catalog = Catalog::default();
        let items = self.batch_get(keys.collect()).await?;
        let is_library = |item: &Attributes| text_of(item, keys::PK) == Some(keys::LIBRARIES);
        let (libraries, resources): (Vec<_>, Vec<_>) = items.into_iter().partition(is_library);
        let libraries = self.readable(libraries, decode::<Library>);
        catalog.libraries.extend(libraries.map(|library| (library.id.clone(), library)));
        let resources = self.readable(resources, decode::<Resource>);
        catalog.resources.extend(resources.map(|resource| (resource.id.clone(), resource)));
        Ok(catalog)
    }

    /// Creates or replaces a library. Returns `true` if it is new. Costs 2 WRU, or 4 to replace.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn put_library(&self, library: &Library) -> Result<bool, Error> {
        self.put_or_replace(item(keys::library(&library.id), library)?).await
    }

    /// Creates or replaces a resource. Returns `true` if it is new. Costs 2 WRU, or 4 to replace.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn put_resource(&self, resource: &Resource) -> Result<bool, Error> {
        self.put_or_replace(item(keys::resource(&resource.id), resource)?).await
    }

    /// Adds a member of staff, usually without a password: they choose it by the reset link. Returns `false` if the
    /// address has an account already. Costs 4 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn add_staff(
        &self,
        account: &Account,
        credentials: Credentials,
        generation: &str,
    ) -> Result<bool, Error> {
        let stored = StoredAccount::new(account.clone(), credentials, generation.to_owned());
        let entry = item(keys::staff(&account.email), &StaffEntry::from(account))?;
        self.transaction()
            .put(Write::Account, stored.into_attributes()?, Condition::absent())?
            .put(Write::StaffEntry, entry, Condition::absent())?
            .won()
            .await
    }

    /// Changes the name, role and libraries of a member of staff. Takes effect at their next request; open sessions
    /// stay valid. Also removes the mark of an address that bounced or complained: entering it again confirms it.
    ///
    /// Costs 4 WRU, and for librarians the read of the staff and a condition check on another county account.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn change_staff(&self, account: &Account) -> Result<StaffChange, Error> {
        let libraries: AttributeValue = serde_dynamo::to_attribute_value(&account.library_ids)?;
        let role: AttributeValue = serde_dynamo::to_attribute_value(account.role)?;
        let name = text(&account.display_name);
        let entry = item(keys::staff(&account.email), &StaffEntry::from(account))?;
        let values = [(":name", name), (":role", role), (":libraries", libraries)];
        let mut transaction = self
            .transaction()
            .update(
                Write::Account,
                keys::account(&account.email),
                "SET displayName = :name, #role = :role, libraryIds = :libraries REMOVE mailState",
                Condition::new("attribute_exists(pk)", values),
            )?
            .put(Write::StaffEntry, entry, Condition::present())?;
        if !account.is_county() {
            let Some(other) = self.other_county(&account.email).await? else { return Ok(StaffChange::LastCounty) };
            transaction = transaction.check(Write::OtherCounty, keys::account(&other), still_county()?)?;
        }
        changed(transaction.commit().await)
    }

    /// Removes a member of staff. Sessions and links of the account are void from then on.
    ///
    /// The last county account stays: a removal is committed under the condition that another one exists. Costs 1 RRU
    /// and 4 WRU, and for county accounts the read of the staff and that condition check.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn remove_staff(&self, email: &Email) -> Result<StaffChange, Error> {
        let Some(stored) = self.account(email).await?.filter(|stored| stored.account.is_staff()) else {
            return Ok(StaffChange::Unknown);
        };
        let mut transaction = self
            .transaction()
            .delete(Write::Account, keys::account(email), Condition::present())?
            .delete(Write::StaffEntry, keys::staff(email), Condition::present())?;
        if stored.account.is_county() {
            let Some(other) = self.other_county(email).await? else { return Ok(StaffChange::LastCounty) };
            transaction = transaction.check(Write::OtherCounty, keys::account(&other), still_county()?)?;
        }
        changed(transaction.commit().await)
    }

    /// Returns the address of another county account, to be checked in the transaction: it may be removed meanwhile.
    async fn other_county(&self, email: &Email) -> Result<Option<Email>, Error> {
        let staff = self.staff().await?;
        Ok(staff.into_iter().find(|other| other.is_county() && other.email != *email).map(|other| other.email))
    }

    /// Puts an item. Returns whether it is new.
    async fn put_or_replace(&self, item: Attributes) -> Result<bool, Error> {
        let new = self.transaction().put(Write::CatalogEntry, item.clone(), Condition::absent())?.won().await?;
        if !new {
            self.transaction().put(Write::CatalogEntry, item, Condition::default())?.commit().await?;
        }
        Ok(new)
    }
}

fn still_county() -> Result<Condition, Error> {
    Ok(Condition::new("#role = :county", [(":county", serde_dynamo::to_attribute_value(Role::County)?)]))
}

fn changed(committed: Result<(), Error>) -> Result<StaffChange, Error> {
    match committed {
        Ok(()) => Ok(StaffChange::Done),
        Err(Error::Lost(Write::OtherCounty)) => Ok(StaffChange::LastCounty),
        Err(Error::Lost(_)) => Ok(StaffChange::Unknown),
        Err(error) => Err(error),
    }
}
