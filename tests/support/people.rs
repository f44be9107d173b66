//! The people of the stories.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{COUNTY, Desk, Reply};

/// The password that everyone in the stories chooses.
pub(crate) const PASSWORD: &str = "Trombone-Girafe-42!";

/// An open session and its account's address.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) token: String,
    pub(crate) email: String,
}

impl Session {
    pub(crate) fn opened_by(reply: &Reply) -> Self {
        let opened = reply.json();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self { token: text(&opened["token"]), email: text(&opened["account"]["email"]) }
    }
}

/// An authenticator app, and the sheet of recovery codes beside it.
#[derive(Debug, Clone)]
pub(crate) struct App {
    secret: Vec<u8>,
    pub(crate) recovery: Vec<String>,
}

impl App {
    pub(crate) fn with(secret: &str) -> Self {
        let secret = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, secret).expect("base32");
        Self { secret, recovery: Vec::new() }
    }

    /// Returns the secret, as the desk showed it.
    pub(crate) fn secret(&self) -> String {
        base32::encode(base32::Alphabet::Rfc4648 { padding: false }, &self.secret)
    }

    pub(crate) fn code(&self, now: Timestamp) -> String {
        let secret: [u8; 20] = self.secret.clone().try_into().expect("160 bits");
        let app = totp_rs::Builder::new().with_secret(secret).build().expect("the standard's parameters");
        app.generate(now.as_second().try_into().unwrap()).to_string()
    }
}

impl Desk {
    /// Asks for a password link, takes it from the message, and sets the password.
    pub(crate) async fn choose_password(&self, email: &str, password: &str) {
        self.open_post("/password-resets", &json!({ "email": email })).await.expect(202);
        let token = self.link_token(email).await;
        self.open_put(&format!("/password-resets/{token}"), &json!({ "password": password })).await.expect(204);
    }

    pub(crate) async fn sign_in(&self, email: &str) -> Session {
        Session::opened_by(&self.try_to_sign_in(email).await.expect(201))
    }

    /// Sends the right password.
    pub(crate) async fn try_to_sign_in(&self, email: &str) -> Reply {
        self.open_post("/sessions", &json!({ "email": email, "password": PASSWORD })).await
    }

    /// Signs in with a code as well.
    pub(crate) async fn sign_in_with(&self, email: &str, code: &str) -> Reply {
        self.open_post("/sessions", &json!({ "email": email, "password": PASSWORD, "code": code })).await
    }

    /// Gives the password again, so that sensitive calls are accepted for 15 minutes more.
    pub(crate) async fn confirm(&self, session: &Session) {
        let password = json!({ "password": PASSWORD });
        self.post("/sessions/current/confirmation", session, &password).await.expect(204);
    }

    /// Enrols a second factor.
    pub(crate) async fn enrol(&self, session: &Session) -> App {
        let begun = self.act("/me/second-factor", session).await.expect(200).json();
        let app = App::with(begun["secret"].as_str().expect("a secret"));
        let first = json!({ "code": app.code(self.now()) });
        let codes = self.put("/me/second-factor", session, &first).await.expect(200).json();
        let codes = codes["recoveryCodes"].as_array().expect("codes").iter();
        App { recovery: codes.map(|code| code.as_str().unwrap().to_owned()).collect(), ..app }
    }

    /// Chooses a password and signs in.
    pub(crate) async fn arrive(&self, email: &str) -> Session {
        self.choose_password(email, PASSWORD).await;
        self.sign_in(email).await
    }

    /// Signs the county in and creates two libraries (Fleury and Auneuil) and three resources, one of them inactive.
    pub(crate) async fn county(&self) -> Session {
        let county = self.arrive(COUNTY).await;
        for (id, town, code) in [("LI10511", "Fleury", "60240"), ("LI2575", "Auneuil", "60390")] {
            let email = format!("{}@oise.example", town.to_lowercase());
            let library =
                json!({ "name": "Bibliothèque municipale", "town": town, "postalCode": code, "email": email });
            self.put(&format!("/libraries/{id}"), &county, &library).await.expect(201);
        }
        for (id, name, active) in
            [("musicme", "MusicMe", true), ("skilleos", "Skilleos", true), ("lebook", "Lebook", false)]
        {
            let resource = json!({ "name": name, "active": active });
            self.put(&format!("/resources/{id}"), &county, &resource).await.expect(201);
        }
        county
    }

    /// Creates a librarian of these libraries and signs them in.
    pub(crate) async fn librarian(&self, county: &Session, email: &str, libraries: &[&str]) -> Session {
        let staff = json!({ "displayName": "Marie Lecture", "role": "librarian", "libraryIds": libraries });
        self.put(&format!("/staff/{email}"), county, &staff).await.expect(201);
        self.arrive(email).await
    }

    /// Returns sessions of the county and of a librarian of Fleury.
    pub(crate) async fn staffed(&self) -> (Session, Session) {
        let county = self.county().await;
        let librarian = self.librarian(&county, "marie@fleury.example", &["LI10511"]).await;
        (county, librarian)
    }

    /// Registers Camille under an e-mail address. Returns id and `ETag`.
    pub(crate) async fn register(&self, by: &Session, email: &str) -> (String, String) {
        self.register_as(by, &with(camille(), "email", email)).await
    }

    pub(crate) async fn register_as(&self, by: &Session, form: &Value) -> (String, String) {
        let made = self.post("/registrations", by, form).await.expect(201);
        (made.json()["id"].as_str().unwrap().to_owned(), made.header("etag").to_owned())
    }
}

/// The form of Camille EXEMPLE, the procedure's own patron.
pub(crate) fn camille() -> Value {
    json!({
        "lastName": "Exemple",
        "firstName": "Camille",
        "birthDate": "1988-02-29",
        "email": "camille.exemple@orange.example",
        "phone": "+33612345678",
        "address": "2 rue de la Mairie",
        "postalCode": "60240",
        "town": "Fleury",
        "cardNumber": "0042",
        "resources": ["musicme", "skilleos"],
        "libraryId": "LI10511",
    })
}

/// Returns the form with one field changed.
pub(crate) fn with(mut form: Value, field: &str, value: impl Into<Value>) -> Value {
    form[field] = value.into();
    form
}
