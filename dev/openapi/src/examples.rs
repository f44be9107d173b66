//! Examples with invented people, in the representations that the functions produce.

use desk::{AccountView, Representation};
use domain::{
    Account, Email, Person, Registration, Staff, StaffRole,
    person::BirthDate,
    second_factor::{RECOVERY_BYTES, SharedSecret, recovery_code},
};
use jiff::civil::{Date, date};
use serde_json::{Value, json};

/// E-mail address of Marie, a librarian of Fleury.
pub(crate) const MARIE: &str = "marie@fleury.example";
/// Id of the registration of Camille, a patron.
pub(crate) const ID: &str = "7aeef1973b7005bd44538e90";

const TODAY: Date = date(2026, 11, 24);

/// Returns a registration form for Camille.
pub(crate) fn form() -> Value {
    json!({
        "lastName": "Exemple",
        "firstName": "Camille",
        "birthDate": "1988-02-29",
        "email": "camille.exemple@orange.example",
        "phone": "03 44 10 83 00",
        "address": "2 rue de la Mairie",
        "postalCode": "60240",
        "town": "Fleury",
        "cardNumber": "0042",
        "resources": ["musicme", "skilleos"],
        "libraryId": "LI10511",
    })
}

/// Returns the registration that results from the form, or `None` if the form is invalid.
fn camille() -> Option<Registration> {
    let form = form();
    let text = |name: &str| form[name].as_str().unwrap_or_default();
    let person = Person {
        last_name: text("lastName").parse().ok()?,
        first_name: text("firstName").parse().ok()?,
        birth_date: BirthDate::parse(text("birthDate"), TODAY).ok()?,
        email: text("email").parse().ok()?,
        phone: text("phone").parse().ok(),
        address: text("address").parse().ok(),
        postal_code: text("postalCode").parse().ok(),
        town: text("town").parse().ok(),
        card_number: text("cardNumber").parse().ok(),
    };
    let resources = ["musicme", "skilleos"].map(str::parse).into_iter().collect::<Result<_, _>>().ok()?;
    let (at, by) = ("2026-11-24T08:00:00Z".parse().ok()?, MARIE.parse::<Email>().ok()?);
    let library = text("libraryId").parse().ok()?;
    Some(Registration::new(ID.parse().ok()?, library, person, resources, by, at, TODAY))
}

fn marie() -> Option<Account> {
    let (display_name, library_ids) = ("Marie Lecture".to_owned(), vec!["LI10511".parse().ok()?]);
    Some(Account::of_staff(MARIE.parse().ok()?, Staff { role: StaffRole::Librarian, display_name, library_ids }))
}

/// Returns the representation of a registration for Marie on a day.
fn shown(registration: Option<Registration>, on: Date) -> Value {
    let shown = registration.zip(marie()).map(|(registration, by)| Representation::for_staff(&registration, &by, on));
    shown.and_then(|shown| serde_json::to_value(shown).ok()).unwrap_or_default()
}

/// Returns Camille's registration on the day it was made.
pub(crate) fn pending() -> Value {
    shown(camille(), TODAY)
}

/// Returns the registration activated on the same day.
pub(crate) fn active() -> Value {
    let activated = camille().zip(marie()).and_then(|(camille, marie)| camille.activate(&marie, TODAY).ok()?);
    shown(activated, TODAY)
}

/// Returns the registration renewed a year later.
pub(crate) fn renewed() -> Value {
    let day = date(2027, 11, 24);
    let renewed = camille().zip(marie()).and_then(|(camille, marie)| camille.renew(&marie, day).ok());
    shown(renewed, day)
}

/// Returns Marie's account.
pub(crate) fn account() -> Value {
    marie().and_then(|marie| serde_json::to_value(AccountView::of(&marie, &[])).ok()).unwrap_or_default()
}

/// Returns Marie as the county sees her.
pub(crate) fn member() -> Value {
    let Some(Account { email, staff: Some(staff), .. }) = marie() else { return Value::Null };
    serde_json::to_value(directory::StaffView::from(store::Member { email, staff })).unwrap_or_default()
}

pub(crate) fn session() -> Value {
    json!({ "token": "c2FtcGxlLXRva2VuLW9mLW5vYm9keQ", "expiresAt": "2026-11-24T20:00:00Z", "account": account() })
}

pub(crate) fn sessions() -> Value {
    let (at, current) = ("2026-11-24T08:00:00Z", true);
    json!({ "items": [{ "openedAt": at, "lastUsedAt": "2026-11-24T09:12:00Z", "current": current }] })
}

/// Returns an enrolment under the secret of RFC 6238, appendix B.
pub(crate) fn enrolment() -> Value {
    let secret = SharedSecret::new(*b"12345678901234567890");
    let uri = MARIE.parse().map(|marie| secret.uri(&marie)).unwrap_or_default();
    json!({ "uri": uri, "secret": secret.reveal() })
}

pub(crate) fn recovery_codes() -> Value {
    let code = |n| recovery_code([n; RECOVERY_BYTES]);
    json!({ "recoveryCodes": (0..10).map(code).collect::<Vec<_>>() })
}

/// Returns the answer of `GET /me` for Camille.
pub(crate) fn me() -> Value {
    let account = json!({
        "email": "camille.exemple@orange.example",
        "roles": ["patron"],
        "displayName": "Camille Exemple",
        "libraryIds": [],
    });
    let mut own = active();
    for of_staff in ["actions", "activatedBy"] {
        without(&mut own, of_staff);
    }
    own["library"] = json!({ "name": "Bibliothèque municipale", "town": "Fleury", "email": "fleury@oise.example" });
    own["access"] = json!(["musicme", "skilleos"]);
    json!({ "account": account, "registrations": [own], "access": ["musicme", "skilleos"] })
}

pub(crate) fn library() -> Value {
    json!({
        "id": "LI10511",
        "name": "Bibliothèque municipale",
        "town": "Fleury",
        "postalCode": "60240",
        "email": "bibliotheque@fleury.example",
    })
}

pub(crate) fn resource() -> Value {
    json!({ "id": "musicme", "name": "MusicMe", "active": true, "url": "https://musicme.example/oise" })
}

pub(crate) fn history() -> Value {
    json!({ "items": lines() })
}

fn lines() -> Value {
    json!([
        { "at": "2026-11-24T08:00:00Z", "by": MARIE, "action": "created" },
        { "at": "2026-11-25T09:30:00Z", "by": MARIE, "action": "changed", "fields": ["phone", "town"] },
        { "at": "2026-12-02T06:00:00Z", "by": "escalate", "action": "warned" },
        { "at": "2026-12-03T10:00:00Z", "by": MARIE, "action": "activated" },
    ])
}

pub(crate) fn mails() -> Value {
    json!({ "items": [{ "kind": "activation", "state": "delivered", "at": "2026-12-03T10:00:05Z" }] })
}

/// Returns the answer of `GET /registrations/{id}/data` for Camille.
pub(crate) fn everything() -> Value {
    let account = json!({
        "email": "camille.exemple@orange.example",
        "passwordSet": true,
        "passwordProvisional": false,
        "resetLinkOpen": false,
    });
    json!({
        "registration": active(),
        "account": account,
        "sessions": [{ "expiresAt": "2026-12-04T10:00:00Z" }],
        "history": lines(),
        "mails": mails()["items"],
    })
}

/// Removes a member from an example.
pub(crate) fn without(example: &mut Value, name: &str) {
    if let Some(members) = example.as_object_mut() {
        members.remove(name);
    }
}
