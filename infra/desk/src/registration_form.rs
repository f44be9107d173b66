//! The registration form: for a new patron, and merged with the stored record for a correction.

use domain::{Account, Fault, LibraryId, Person, Registration, ResourceId, person::BirthDate};
use edge::{Form, Problem};
use jiff::civil::Date;
use serde_json::{Map, Value};
use store::{Catalog, Store};

use crate::Failure;

/// The greatest number of resources of a registration: they are read in one call. The county has a dozen.
pub const MAX_RESOURCES: usize = 99;

/// The parsed fields of a form.
#[derive(Debug)]
pub struct Draft {
    /// The patron.
    pub person: Person,
    /// The chosen resources, in their order.
    pub resources: Vec<ResourceId>,
    /// One of the caller's libraries.
    pub library_id: LibraryId,
    /// The libraries and resources that were read for this form, by id.
    pub catalog: Catalog,
}

/// Takes all fields of the form except the password. Faults stay in the form, whose [`finish`](Form::finish) reports
/// them; the result is `None` if a field did not parse.
///
/// A librarian may choose one of their own libraries; every other one counts as unknown. A closed library or an inactive
/// resource cannot be chosen, but may stay if `before` has it (contract, directory). Library and resources are read consistently, in one
/// call, for 1 RRU each.
///
/// # Errors
/// [`Failure::Store`] if the table fails.
pub async fn read(
    form: &mut Form,
    store: &Store,
    caller: &Account,
    today: Date,
    before: Option<&Registration>,
) -> Result<Option<Draft>, Failure> {
    let person = person(form, today);
    let resources =
        form.list("resources", MAX_RESOURCES, |id| id.parse::<ResourceId>().map_err(|_| unknown_resource()));
    let library_id = form.required("libraryId", |id| id.parse::<LibraryId>().map_err(|_| unknown_library()));
    let library_id = library_id.filter(|id| {
        let own = caller.reaches(id);
        if !own {
            form.fault("libraryId", &unknown_library());
        }
        own
    });
    let catalog = store.catalog(library_id.as_slice(), resources.as_deref().unwrap_or_default()).await?;
    if let Some(id) = &library_id {
        let kept = before.is_some_and(|before| before.library_id == *id);
        let found = catalog.libraries.get(id).ok_or_else(unknown_library);
        if let Err(fault) = found.and_then(|library| library.choose(kept)) {
            form.fault("libraryId", &fault);
        }
    }
    for (at, id) in resources.iter().flatten().enumerate() {
        let kept = before.is_some_and(|before| before.resources.contains(id));
        if !kept && !catalog.resources.get(id).is_some_and(|resource| resource.active) {
            form.fault_at("resources", at, &unknown_resource());
        }
    }
    let draft = || Some(Draft { person: person?, resources: resources?, library_id: library_id?, catalog });
    Ok(draft())
}

fn person(form: &mut Form, today: Date) -> Option<Person> {
    let last_name = form.required("lastName", str::parse);
    let first_name = form.required("firstName", str::parse);
    let birth_date = form.required("birthDate", |typed| BirthDate::parse(typed, today));
    let email = form.required("email", str::parse);
    let phone = form.optional("phone", str::parse);
    let address = form.optional("address", str::parse);
    let postal_code = form.optional("postalCode", str::parse);
    let town = form.optional("town", str::parse);
    let card_number = form.optional("cardNumber", str::parse);
    Some(Person {
        last_name: last_name?,
        first_name: first_name?,
        birth_date: birth_date?,
        email: email?,
        phone,
        address,
        postal_code,
        town,
        card_number,
    })
}

/// Returns the form of a record with a merge patch (RFC 7396) applied: patched members replace, null removes, the
/// others stay. Unknown members stay in the form, which then refuses them.
///
/// # Errors
/// 500 if the record does not serialize.
pub fn merged(before: &Registration, patch: Form) -> Result<Form, Problem> {
    let Value::Object(mut members) = serde_json::to_value(&before.person).map_err(Problem::internal)? else {
        return Err(Problem::internal("a person is not a JSON object"));
    };
    members.insert("resources".to_owned(), serde_json::to_value(&before.resources).map_err(Problem::internal)?);
    members.insert("libraryId".to_owned(), before.library_id.as_str().into());
    let patch: Map<String, Value> = patch.into_members();
    members.extend(patch);
    Ok(Form::new(members))
}

fn unknown_library() -> Fault {
    Fault::new("unknown-library", "Choisissez l’une de vos bibliothèques.")
}

fn unknown_resource() -> Fault {
    Fault::new("unknown-resource", "Choisissez une ressource numérique proposée aujourd’hui.")
}

#[cfg(test)]
mod tests {
    use domain::RegistrationId;
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn registration() -> Registration {
        let person = Person {
            last_name: "Exemple".parse().unwrap(),
            first_name: "Camille".parse().unwrap(),
            birth_date: BirthDate::parse("1988-02-29", Date::MAX).unwrap(),
            email: "camille@orange.example".parse().unwrap(),
            phone: Some("03 44 10 83 00".parse().unwrap()),
            address: None,
            postal_code: None,
            town: None,
            card_number: None,
        };
        let id: RegistrationId = "0123456789abcdef01234567".parse().unwrap();
        let by = "marie@fleury.example".parse().unwrap();
        Registration::new(id, "LI1".parse().unwrap(), person, vec![], by, Timestamp::UNIX_EPOCH, Date::MIN)
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map("[a-z]{1,4}", inner, 0..4)
                    .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    #[test]
    fn a_patch_replaces_null_removes_and_the_rest_stays() {
        let patch = serde_json::json!({ "lastName": "Autre", "phone": null });
        let Value::Object(patch) = patch else { unreachable!() };
        let mut form = merged(&registration(), Form::new(patch)).unwrap();
        let person = person(&mut form, Date::MAX).unwrap();
        assert_eq!((person.last_name.as_str(), person.first_name.as_str()), ("Autre", "Camille"));
        assert_eq!(person.phone, None);
    }

    proptest! {
        #[test]
        fn ap3_any_patch_is_a_person_or_a_list_of_faults(
            patch in proptest::collection::btree_map("(lastName|email|birthDate|phone|resources|libraryId|x{1,3})", json(), 0..6),
        ) {
            let mut form = merged(&registration(), Form::new(patch.into_iter().collect())).unwrap();
            let person = person(&mut form, Date::MAX);
            let _ = form.list("resources", MAX_RESOURCES, str::parse::<ResourceId>);
            let _ = form.required("libraryId", str::parse::<LibraryId>);
            let _ = form.finish(person);
        }
    }
}
