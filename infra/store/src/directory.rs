//! Libraries, resources and staff: what the county keeps.

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

/// A member of staff as the directory lists them.
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

/// The libraries and resources that some ids name, as far as they exist.
#[derive(Debug, Default)]
pub struct Catalog {
    /// By id.
    pub libraries: BTreeMap<LibraryId, Library>,
    /// By id.
    pub resources: BTreeMap<ResourceId, Resource>,
}

/// What became of a change to the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffChange {
    /// Done.
    Done,
    /// There is no such member of staff.
    Unknown,
    /// No other county account would be left.
    LastCounty,
}

impl Store {
    /// All libraries, by id. For the county's list.
    pub async fn libraries(&self) -> Result<Vec<Library>, Error> {
        self.partition(keys::LIBRARIES).await
    }

    /// All resources, by id.
    pub async fn resources(&self) -> Result<Vec<Resource>, Error> {
        self.partition(keys::RESOURCES).await
    }

    /// All staff, by e-mail.
    pub async fn staff(&self) -> Result<Vec<Account>, Error> {
        let entries: Vec<StaffEntry> = self.partition(keys::STAFF).await?;
        Ok(entries.into_iter().map(StaffEntry::into_account).collect())
    }

    /// The named libraries and resources, in one call for up to 100 of them.
    pub async fn catalog(&self, libraries: &[LibraryId], resources: &[ResourceId]) -> Result<Catalog, Error> {
        let keys = libraries.iter().map(keys::library).chain(resources.iter().map(keys::resource));
        let mut catalog = Catalog::default();
        for attributes in self.batch_get(keys.collect()).await? {
            if text_of(&attributes, keys::PK) == Some(keys::LIBRARIES) {
                let library: Library = decode(attributes)?;
                catalog.libraries.insert(library.id.clone(), library);
            } else {
                let resource: Resource = decode(attributes)?;
                catalog.resources.insert(resource.id.clone(), resource);
            }
        }
        Ok(catalog)
    }

    /// Creates or replaces a library; `true` when it was not there.
    pub async fn put_library(&self, library: &Library) -> Result<bool, Error> {
        self.put_new_or_over(item(keys::library(&library.id), library)?).await
    }

    /// Creates or replaces a resource; `true` when it was not there.
    pub async fn put_resource(&self, resource: &Resource) -> Result<bool, Error> {
        self.put_new_or_over(item(keys::resource(&resource.id), resource)?).await
    }

    /// Takes on a member of staff, as a rule without a password: they choose it by the reset link. `false` when the
    /// address has an account already.
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

    /// Changes what a member of staff is called and may reach. Felt by their next request; their sessions go on. Their
    /// address is written to again, whatever came back from it: whoever enters it anew says that it is right.
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

    /// Removes a member of staff, and with the account all its sessions and links. The last county account stays: a
    /// removal is committed only while another one is there.
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

    async fn other_county(&self, email: &Email) -> Result<Option<Email>, Error> {
        let staff = self.staff().await?;
        Ok(staff.into_iter().find(|other| other.is_county() && other.email != *email).map(|other| other.email))
    }

    /// Puts an item and tells whether it is new.
    async fn put_new_or_over(&self, item: Attributes) -> Result<bool, Error> {
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
