//! `GET /me`: the signed-in account.

use std::collections::BTreeSet;

use desk::{AccountView, Caller, Failure, Representation};
use domain::{Email, Library, LibraryId, Registration, ResourceId};
use edge::{Answer, Call};
use jiff::civil::Date;
use lambda_http::http::StatusCode;
use serde::Serialize;
use store::Catalog;

use crate::Session;

/// The signed-in account, and the resources that it may open.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Me {
    account: AccountView,
    /// The registrations of the account.
    registrations: Vec<Own>,
    /// The resources that the portal may open now: the union of the registrations' own.
    access: Vec<ResourceId>,
    /// The second factor of a member of staff, where there is one or has to be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    second_factor: Option<SecondFactorView>,
}

/// The state of a second factor.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "SecondFactor"))]
struct SecondFactorView {
    /// Whether sign-in wants a code.
    enrolled: bool,
    /// Whether the account must have one: until then its sessions only serve to enrol.
    required: bool,
}

/// A registration of the signed-in account.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OwnRegistration"))]
struct Own {
    #[serde(flatten)]
    registration: Representation,
    library: LibraryView,
    /// The resources that may be opened now: empty unless the registration is active.
    access: Vec<ResourceId>,
}

/// The library that manages a registration.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "OwnLibrary"))]
struct LibraryView {
    name: String,
    town: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
}

impl Session {
    pub(crate) async fn me(&self, call: &Call) -> Result<Answer, Failure> {
        let (caller, _) = self.service.holder(call).await?;
        let registrations = self.service.store.household(&caller.account).await?;
        let libraries: BTreeSet<LibraryId> = registrations.iter().map(|own| own.library_id.clone()).collect();
        let open = |own| Registration::access(own, call.today());
        let mut resources: Vec<ResourceId> = Vec::new();
        for id in registrations.iter().flat_map(open) {
            if !resources.contains(id) {
                resources.push(id.clone());
            }
        }
        let libraries = Vec::from_iter(libraries);
        let catalog = self.service.store.catalog(&libraries, &resources).await?;
        let me = Me {
            account: AccountView::of(&caller.account, &registrations),
            access: offered(&resources, &catalog),
            registrations: registrations
                .iter()
                .map(|own| Own::of(own, &registrations, &catalog, call.today()))
                .collect(),
            second_factor: self.second_factor(&caller),
        };
        Ok(Answer::json(StatusCode::OK, &me)?)
    }

    fn second_factor(&self, caller: &Caller) -> Option<SecondFactorView> {
        let (enrolled, required) = (caller.second_factor, self.service.requires_second_factor(&caller.account));
        (enrolled || required).then_some(SecondFactorView { enrolled, required })
    }
}

impl Own {
    fn of(own: &Registration, all: &[Registration], catalog: &Catalog, today: Date) -> Self {
        Self {
            registration: Representation::of(own, today).for_holder(all.len() > 1),
            library: LibraryView::of(&own.library_id, catalog.libraries.get(&own.library_id)),
            access: offered(own.access(today), catalog),
        }
    }
}

impl LibraryView {
    /// A library that can't be read is shown by its code.
    fn of(id: &LibraryId, library: Option<&Library>) -> Self {
        match library {
            Some(Library { name, town, email, .. }) => {
                Self { name: name.clone(), town: town.clone(), email: email.clone() }
            }
            None => Self { name: id.to_string(), town: String::new(), email: None },
        }
    }
}

/// Returns those of the resources that the county has not closed.
fn offered(resources: &[ResourceId], catalog: &Catalog) -> Vec<ResourceId> {
    let open = |id: &&ResourceId| catalog.resources.get(*id).is_some_and(|resource| resource.active);
    resources.iter().filter(open).cloned().collect()
}
