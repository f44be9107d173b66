//! Libraries and resources, and the versions of all entries of the directory that the county maintains.

use std::collections::BTreeMap;

use domain::{Library, LibraryId, Resource, ResourceId, directory::Change};
use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Editor, Error, Store, Write,
    item::{decode, item, text_of},
    keys::{self, Key},
    number,
    transaction::{Condition, Transaction},
};

/// An entry of the directory, and the version that its `ETag` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryEntry<T> {
    /// The library, resource or member of staff.
    #[serde(flatten)]
    pub content: T,
    /// Number of the change that made this state, from 1; 0 for an entry of version 0.1.0.
    #[serde(default)]
    pub version: u64,
}

/// Returns the version that an entry has once `content` is put in place of `before`. Saving it unchanged is no change.
pub(crate) fn next_version<T: PartialEq>(content: &T, before: Option<&DirectoryEntry<T>>) -> u64 {
    match before {
        None => 1,
        Some(before) => before.version + u64::from(before.content != *content),
    }
}

/// Holds while an entry is as it was read; without one, while it is absent.
pub(crate) fn unchanged<T>(before: Option<&DirectoryEntry<T>>) -> Condition {
    match before.map(|before| before.version) {
        None => Condition::absent(),
        Some(0) => Condition::new("attribute_exists(pk) AND attribute_not_exists(version)", []),
        Some(version) => Condition::new("version = :version", [(":version", number(version))]),
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

impl Store {
    /// Returns all libraries, by id. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn libraries(&self) -> Result<Vec<DirectoryEntry<Library>>, Error> {
        self.partition(keys::LIBRARIES).await
    }

    /// Returns the libraries of these ids, in no particular order; omits those that do not exist. Costs 1 RRU each;
    /// consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn libraries_of(&self, ids: &[LibraryId]) -> Result<Vec<DirectoryEntry<Library>>, Error> {
        let items = self.batch_get(ids.iter().map(keys::library).collect()).await?;
        Ok(self.readable(items, decode).collect())
    }

    /// Returns a library. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn library(&self, id: &LibraryId) -> Result<Option<DirectoryEntry<Library>>, Error> {
        self.get(keys::library(id)).await
    }

    /// Returns all resources, by id. Costs 1 RRU per 4 KB; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn resources(&self) -> Result<Vec<DirectoryEntry<Resource>>, Error> {
        self.partition(keys::RESOURCES).await
    }

    /// Returns a resource. Costs 1 RRU; consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn resource(&self, id: &ResourceId) -> Result<Option<DirectoryEntry<Resource>>, Error> {
        self.get(keys::resource(id)).await
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

    /// Creates a library, or replaces `before`, and traces the change by its `editor`. Returns its version, `None` if
    /// another change came first. Costs 2 WRU, 2 more for the line of a change, and 3 for each message about it.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn put_library(
        &self,
        library: &Library,
        before: Option<&DirectoryEntry<Library>>,
        editor: Option<&Editor<'_>>,
    ) -> Result<Option<u64>, Error> {
        let change = Change::of_library(before.map(|before| &before.content), library);
        let putting = self.transaction().put_entry(Write::CatalogEntry, keys::library(&library.id), library, before)?;
        Ok(putting.traced(change.as_ref(), editor)?.won().await?.then(|| next_version(library, before)))
    }

    /// Creates a resource, or replaces `before`, as [`put_library`](Self::put_library) does, at the same cost.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn put_resource(
        &self,
        resource: &Resource,
        before: Option<&DirectoryEntry<Resource>>,
        editor: Option<&Editor<'_>>,
    ) -> Result<Option<u64>, Error> {
        let change = Change::of_resource(before.map(|before| &before.content), resource);
        let key = keys::resource(&resource.id);
        let putting = self.transaction().put_entry(Write::CatalogEntry, key, resource, before)?;
        Ok(putting.traced(change.as_ref(), editor)?.won().await?.then(|| next_version(resource, before)))
    }
}

impl Transaction<'_> {
    /// Adds an entry in place of `before`, if no other change came first.
    pub(crate) fn put_entry<T: Serialize + PartialEq>(
        self,
        write: Write,
        key: Key,
        content: &T,
        before: Option<&DirectoryEntry<T>>,
    ) -> Result<Self, Error> {
        let version = next_version(content, before);
        self.put(write, item(key, &DirectoryEntry { content, version })?, unchanged(before))
    }
}
