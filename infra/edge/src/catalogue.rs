//! Every problem that the API answers: its code, its status, what it means to who writes a client, and what it says to
//! people, in French.
//!
//! A [`Problem`](crate::Problem) can only be made of a [`Code`] of this table, and the API's description is made of the
//! same table. The five refusals of a rule (`past-expiry` to `renewal-too-early`, and `last-county-account`) take their
//! French text from `domain::Refusal`, and `email-taken` takes it from [`Taken`].

use domain::Refusal;
use lambda_http::http::StatusCode;

macro_rules! catalogue {
    ($($code:ident $name:literal $status:ident $meaning:literal $detail:expr;)+) => {
        /// The code of a problem: stable, machine-readable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $meaning] $code,)+
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// As the contract writes it; a problem's type is `urn:problem:` and this.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// The status it is answered with.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status,)+ }
            }

            /// What has happened, in English, for who writes a client.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$code => $meaning,)+ }
            }

            /// What it says to people, with `{}` where a value goes.
            pub(crate) const fn detail(self) -> &'static str {
                match self { $(Self::$code => $detail,)+ }
            }
        }
    };
}

/// The detail of a problem whose case has a text of its own.
const ITS_OWN: &str = "{}";

catalogue! {
    InvalidParameter "invalid-parameter" BAD_REQUEST
        "A query parameter is not as described, or stands twice."
        "Paramètre « {} » : {}";
    MalformedJson "malformed-json" BAD_REQUEST
        "The body is no JSON object, or a key stands in it twice."
        "Le contenu n’est pas un objet JSON valide, ou une clé y figure deux fois.";
    InvalidIdempotencyKey "invalid-idempotency-key" BAD_REQUEST
        "The key is empty or too long."
        "L’en-tête Idempotency-Key a de 1 à 255 caractères.";
    TooLarge "too-large" PAYLOAD_TOO_LARGE
        "The body has more than 64 KB."
        "Le contenu envoyé dépasse 64 Ko.";
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE
        "The body is of another media type."
        "Envoyez du JSON, avec l’en-tête Content-Type: {}.";
    InvalidFields "invalid-fields" UNPROCESSABLE_ENTITY
        "Fields are faulty, missing, or not the caller's to set."
        "Corrigez les champs indiqués, puis recommencez.";
    IdempotencyKeyReused "idempotency-key-reused" UNPROCESSABLE_ENTITY
        "The key came with another body before."
        "Cette clé d’idempotence a déjà servi à un autre envoi : prenez-en une nouvelle.";
    IfMatchRequired "if-match-required" PRECONDITION_REQUIRED
        "The version to change was not said."
        "Précisez la version à modifier, avec l’en-tête If-Match.";
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED
        "The path is a route's, the method is not. `Allow` lists the methods."
        "Cette adresse n’accepte pas la méthode {}.";
    NotSignedIn "not-signed-in" UNAUTHORIZED
        "There is no session, or it is over."
        "Votre session est terminée : connectez-vous.";
    BadCredentials "bad-credentials" UNAUTHORIZED
        "Unknown address, wrong password, removed account, or one that waits after too many tries: all alike."
        "L’adresse e-mail ou le mot de passe ne convient pas. Après plusieurs essais, attendez quelques minutes ou \
         demandez un nouveau mot de passe.";
    PasswordProvisional "password-provisional" FORBIDDEN
        "The password is the library's: a link to choose a personal one was mailed."
        "Ce mot de passe est provisoire : un lien pour choisir le vôtre vient d’être envoyé à votre adresse e-mail.";
    Forbidden "forbidden" FORBIDDEN
        "This is not for the caller's role."
        "Votre compte ne permet pas cette opération.";
    ResetLinkDead "reset-link-dead" NOT_FOUND
        "The link is unknown, used, older than an hour, or replaced."
        "Ce lien ne sert plus : il a plus d’une heure, a déjà été utilisé, ou a été remplacé. Demandez-en un nouveau par \
         « mot de passe oublié ».";
    LastCountyAccount "last-county-account" CONFLICT
        "The last account of the county stays."
        ITS_OWN;
    TooManyRequests "too-many-requests" TOO_MANY_REQUESTS
        "One network address asked too often."
        "Trop de demandes viennent de votre réseau : réessayez dans quelques minutes.";
    NotFound "not-found" NOT_FOUND
        "It does not exist, or is another library's."
        "Cette adresse ne mène à rien que vous puissiez consulter.";
    EmailTaken "email-taken" CONFLICT
        "The address is somebody's account. `id` is their registration, where it is the caller's to see."
        ITS_OWN;
    PastExpiry "past-expiry" CONFLICT
        "It is past `expiresOn`: it is renewed, not activated."
        ITS_OWN;
    CountyTooEarly "county-too-early" CONFLICT
        "The county waits until it has been pending for more than 7 days."
        ITS_OWN;
    LibraryNotWarned "library-not-warned" CONFLICT
        "The county waits until the day after the library's warning."
        ITS_OWN;
    RenewalTooEarly "renewal-too-early" CONFLICT
        "Renewal opens 30 days before `expiresOn`."
        ITS_OWN;
    Stale "stale" PRECONDITION_FAILED
        "Somebody else has changed it first."
        "Cette inscription a été modifiée entre-temps : relisez-la, puis recommencez.";
    Internal "internal" INTERNAL_SERVER_ERROR
        "Something went wrong; the log says what, nothing is half done."
        "Une erreur est survenue de notre côté. Rien n’a été enregistré à moitié : réessayez dans un instant.";
    Unavailable "unavailable" SERVICE_UNAVAILABLE
        "What the desk depends on is away: try again."
        "Le service est momentanément indisponible : réessayez dans quelques secondes.";
}

impl Code {
    /// The title of its status, the same for all problems of it.
    pub(crate) fn title(self) -> &'static str {
        match self.status().as_u16() {
            400 => "Requête mal formée",
            401 => "Connexion nécessaire",
            403 => "Opération non permise",
            404 => "Introuvable",
            405 => "Méthode non permise",
            409 => "Impossible en l’état",
            412 => "Modifié entre-temps",
            413 => "Contenu trop volumineux",
            415 => "Format non accepté",
            422 => "Champs à corriger",
            428 => "Version non précisée",
            429 => "Trop de demandes",
            503 => "Service indisponible",
            _ => "Erreur du service",
        }
    }
}

impl From<&Refusal> for Code {
    fn from(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::PastExpiry => Self::PastExpiry,
            Refusal::CountyTooEarly { .. } => Self::CountyTooEarly,
            Refusal::LibraryNotWarned => Self::LibraryNotWarned,
            Refusal::RenewalTooEarly { .. } => Self::RenewalTooEarly,
            Refusal::LastCountyAccount => Self::LastCountyAccount,
        }
    }
}

/// Whose an e-mail address is already (`email-taken`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// An account's; a new registration needs another address.
    Account,
    /// An account's other than the one that is changed.
    OtherAccount,
    /// A patron's, where one of staff is entered.
    Patron,
    /// A patron's of one of the caller's libraries.
    RegisteredHere,
    /// A patron's of another library.
    RegisteredElsewhere,
}

impl Taken {
    pub(crate) const fn detail(self) -> &'static str {
        match self {
            Self::Account => "Cette adresse e-mail est déjà celle d’un compte : choisissez-en une autre.",
            Self::OtherAccount => "Cette adresse e-mail est déjà celle d’un autre compte.",
            Self::Patron => "Cette adresse e-mail est déjà celle d’un usager.",
            Self::RegisteredHere => "Cette personne est déjà inscrite ici.",
            Self::RegisteredElsewhere => "Cette personne est déjà inscrite dans une autre bibliothèque.",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::Date;

    use super::*;

    #[test]
    fn codes_are_unique_and_are_statuses_of_errors() {
        let codes: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            let status = code.status();
            assert!(status.is_client_error() || status.is_server_error(), "{code:?}");
            assert!(code.title() != "Erreur du service" || *code == Code::Internal, "{code:?} has no title");
            assert!(!code.meaning().is_empty() && !code.detail().is_empty(), "{code:?}");
        }
    }

    #[test]
    fn no_text_stands_twice() {
        let taken =
            [Taken::Account, Taken::OtherAccount, Taken::Patron, Taken::RegisteredHere, Taken::RegisteredElsewhere];
        let details: Vec<&str> = Code::ALL.iter().map(|code| code.detail()).filter(|text| *text != ITS_OWN).collect();
        let details: Vec<&str> = details.into_iter().chain(taken.map(Taken::detail)).collect();
        assert_eq!(BTreeSet::from_iter(&details).len(), details.len());
        let meanings: BTreeSet<&str> = Code::ALL.iter().map(|code| code.meaning()).collect();
        assert_eq!(meanings.len(), Code::ALL.len());
    }

    #[test]
    fn a_refusal_s_code_is_the_rule_s_own() {
        let possible_from = Date::MIN;
        for refusal in [
            Refusal::PastExpiry,
            Refusal::CountyTooEarly { possible_from },
            Refusal::LibraryNotWarned,
            Refusal::RenewalTooEarly { possible_from },
            Refusal::LastCountyAccount,
        ] {
            let code = Code::from(&refusal);
            assert_eq!((code.as_str(), code.detail()), (refusal.code(), ITS_OWN));
        }
    }
}
