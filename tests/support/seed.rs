//! Seeds people and records through the store, without hashing a password each time. For stories that run hundreds of
//! times.

use std::sync::OnceLock;

use domain::{
    Email, Library, Registration, Resource, Staff, StaffRole,
    password::{Known, Password},
};
use hashing::Hasher;
use jiff::SignedDuration;
use runtime::{Aws, Ids, Runtime};
use serde_json::json;
use store::{Creation, Credentials, Holder, Member, Raising, StaffChange, Store, StoredAccount};

use super::{COUNTY, Desk, PASSWORD, Session, camille, engine, with};

/// The codes of the two seeded libraries.
pub(crate) const FLEURY: &str = "LI10511";
pub(crate) const AUNEUIL: &str = "LI2575";

/// The hash of everyone's password, computed once.
pub(crate) fn hash() -> String {
    static HASH: OnceLock<String> = OnceLock::new();
    let made = || Hasher::new().hash(&Password::chosen(PASSWORD, &Known::default()).expect("a good one"), &Ids::System);
    HASH.get_or_init(|| made().expect("it is hashed")).clone()
}

impl Desk {
    /// Returns a function's runtime, on a connection without faults.
    pub(crate) fn runtime(&self, function: &str) -> Runtime {
        let given = self.local().runtime(function).expect("the template names it");
        Runtime { aws: Aws::loopback(given.aws.endpoints.clone()), ..given.clone() }
    }

    /// Returns the store, on a connection without faults.
    pub(crate) fn store(&self) -> Store {
        Store::new(&self.runtime("deliver")).expect("wired")
    }

    /// Seeds two libraries and two resources.
    pub(crate) async fn seed_directory(&self) {
        let store = self.store();
        for (id, town, code) in [(FLEURY, "Fleury", "60240"), (AUNEUIL, "Auneuil", "60390")] {
            let email = Some(format!("{}@oise.example", town.to_lowercase()).parse().unwrap());
            let (id, postal_code) = (id.parse().unwrap(), code.parse().unwrap());
            let name = "Bibliothèque municipale".into();
            store.put_library(&Library { id, name, town: town.into(), postal_code, email }, None).await.unwrap();
        }
        for (id, name) in [("musicme", "MusicMe"), ("skilleos", "Skilleos")] {
            let resource = Resource { id: id.parse().unwrap(), name: name.into(), active: true, url: None };
            store.put_resource(&resource, None).await.unwrap();
        }
    }

    /// Seeds the county's account and opens a session.
    pub(crate) async fn seed_county(&self) -> Session {
        self.seed_staff(COUNTY, StaffRole::County, &[]).await
    }

    /// Seeds a staff account and opens a session.
    pub(crate) async fn seed_staff(&self, email: &str, role: StaffRole, libraries: &[&str]) -> Session {
        let library_ids = libraries.iter().map(|id| id.parse().unwrap()).collect();
        let staff = Staff { role, display_name: "Marie Lecture".into(), library_ids };
        let member = Member { email: email.parse().unwrap(), staff };
        let credentials = Credentials { password_hash: hash(), provisional: false };
        let opening = Raising { generation: "first", link: None, credentials: Some(&credentials) };
        let added = self.store().put_staff(None, None, &member, opening).await.unwrap();
        assert_eq!(added, StaffChange::Done(1));
        self.seed_session(email).await
    }

    /// Makes a member of staff a librarian, without the check that the county keeps an account.
    pub(crate) async fn demote(&self, email: &str) {
        let keys = [
            (store::keys::account(&email.parse().unwrap()), "SET staff.#role = :role"),
            (store::keys::staff(&email.parse().unwrap()), "SET #role = :role"),
        ];
        for (key, expression) in keys {
            let update = json!({
                "TableName": "Table", "Key": { "pk": { "S": key.pk }, "sk": { "S": key.sk } },
                "UpdateExpression": expression, "ExpressionAttributeNames": { "#role": "role" },
                "ExpressionAttributeValues": { ":role": { "S": "librarian" } },
            });
            engine::call(&self.local().dynamodb_url(), "UpdateItem", &update).await;
        }
    }

    /// Opens a session for an account. It lasts as long as its role's sessions do.
    pub(crate) async fn seed_session(&self, email: &str) -> Session {
        let stored = self.account(email).await.expect("an account");
        let now = self.now();
        let until = now + SignedDuration::from_hours(stored.account.session_hours());
        let store = self.store();
        store.ensure_log_key(&Ids::System).await.unwrap();
        let token = store.open_session(&stored, None, &Ids::System, now, until).await.unwrap();
        Session { token: token.reveal().to_owned(), email: email.to_owned() }
    }

    pub(crate) async fn account(&self, email: &str) -> Option<StoredAccount> {
        let email: Email = email.parse().unwrap();
        self.store().account(&email).await.unwrap()
    }

    /// Gives an account other registrations, which no request can do.
    pub(crate) async fn overwrite_account(&self, account: &domain::Account) {
        let key = store::keys::account(&account.email);
        let ids: Vec<_> = account.registrations.iter().map(|id| json!({ "S": id })).collect();
        let update = json!({
            "TableName": "Table", "Key": { "pk": { "S": key.pk }, "sk": { "S": key.sk } },
            "UpdateExpression": "SET registrations = :ids", "ExpressionAttributeValues": { ":ids": { "L": ids } },
        });
        engine::call(&self.local().dynamodb_url(), "UpdateItem", &update).await;
    }

    /// Replaces the hash of [`PASSWORD`] by one with m = 8192 and t = 1.
    pub(crate) async fn weaken_hash(&self, email: &str) {
        let weak = "$argon2id$v=19$m=8192,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$Y/R3XXErn7iya1pnt37uXk7Me3Ep/XVQzm9Jxsz2CVE";
        self.store().strengthen(&self.account(email).await.expect("an account"), weak).await.unwrap();
    }

    pub(crate) async fn credentials(&self, email: &str) -> Option<Credentials> {
        self.store().credentials(&email.parse().unwrap()).await.unwrap()
    }

    /// Registers Camille today under this address in this library. Returns the id.
    pub(crate) async fn seed_registration(&self, library: &str, email: &str, last_name: &str) -> String {
        let person = serde_json::from_value(with(with(camille(), "email", email), "lastName", last_name)).unwrap();
        let clock = self.local().clock();
        let id = Ids::System.registration_id();
        let by = "marie@fleury.example".parse().unwrap();
        let resources = vec!["musicme".parse().unwrap()];
        let made =
            Registration::new(id.clone(), library.parse().unwrap(), person, resources, by, clock.now(), clock.today());
        let holder = Holder::New { credentials: None, generation: Ids::System.id() };
        let created = self.store().create(&made, &holder, None).await.unwrap();
        assert_eq!(created, Creation::Done);
        id.to_string()
    }
}
