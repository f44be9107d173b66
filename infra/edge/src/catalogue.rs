//! The catalogue of problems: for each its code, its status, its English meaning for authors of clients, and its French
//! text for people.
//!
//! A [`Problem`](crate::Problem) can only be made from a [`Code`] of this table, and the API's description is made from
//! the same table. The refusals of a rule take their French text from `domain::Refusal`.

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
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$code),+];

            /// Returns the stable name. A problem's `type` is `urn:problem:` and this name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// Returns the status of its answers.
            pub const fn status(self) -> StatusCode {
                match self { $(Self::$code => StatusCode::$status,)+ }
            }

            /// Returns its meaning in English, for authors of clients.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$code => $meaning,)+ }
            }

            /// Returns the French text for people, with `{}` where a value goes.
            pub(crate) const fn detail(self) -> &'static str {
                match self { $(Self::$code => $detail,)+ }
            }
        }
    };
}

/// The detail of a problem whose text depends on the case.
const ITS_OWN: &str = "{}";

catalogue! {
    InvalidParameter "invalid-parameter" BAD_REQUEST
        "A query parameter or a header is not as described, or a parameter appears twice."
        "Paramètre « {} » : {}";
    MalformedJson "malformed-json" BAD_REQUEST
        "The body is not a JSON object, or has a duplicate key."
        "Le contenu n’est pas un objet JSON valide, ou une clé y figure deux fois.";
    InvalidIdempotencyKey "invalid-idempotency-key" BAD_REQUEST
        "The key is empty or too long."
        "L’en-tête Idempotency-Key a de 1 à 255 caractères.";
    TooLarge "too-large" PAYLOAD_TOO_LARGE
        "The body has more than 64 KB."
        "Le contenu envoyé dépasse 64 Ko.";
    UnsupportedMediaType "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE
        "The body has another media type."
        "Envoyez du JSON, avec l’en-tête Content-Type: {}.";
    InvalidFields "invalid-fields" UNPROCESSABLE_ENTITY
        "Fields are invalid or missing, or the caller may not set them."
        "Corrigez les champs indiqués, puis recommencez.";
    IdempotencyKeyReused "idempotency-key-reused" UNPROCESSABLE_ENTITY
        "The key was used before with another body."
        "Cette clé d’idempotence a déjà servi à un autre envoi : prenez-en une nouvelle.";
    IfMatchRequired "if-match-required" PRECONDITION_REQUIRED
        "The request names no version to change."
        "Précisez la version à modifier, avec l’en-tête If-Match.";
    MethodNotAllowed "method-not-allowed" METHOD_NOT_ALLOWED
        "The path has no such method. `Allow` lists its methods."
        "Cette adresse n’accepte pas la méthode {}.";
    NotSignedIn "not-signed-in" UNAUTHORIZED
        "There is no session, or it has ended."
        "Votre session est terminée : connectez-vous.";
    BadCredentials "bad-credentials" UNAUTHORIZED
        "Unknown address, wrong password, removed account, or an account that waits after too many attempts: all alike."
        "L’adresse e-mail ou le mot de passe ne convient pas. Après plusieurs essais, attendez quelques minutes ou \
         demandez un nouveau mot de passe.";
    PasswordProvisional "password-provisional" FORBIDDEN
        "The password is right but provisional: a link to choose a personal one was sent by e-mail."
        "Ce mot de passe est provisoire : un lien pour choisir le vôtre vient d’être envoyé à votre adresse e-mail.";
    SecondFactorNeeded "second-factor-needed" UNAUTHORIZED
        "The password is right, and the account has a second factor: send a code as well."
        "Votre mot de passe convient. Tapez aussi le code de votre application, ou un code de secours.";
    SecondFactorRequired "second-factor-required" FORBIDDEN
        "County accounts must have a second factor here: the session serves to enrol one only."
        "Protégez d’abord votre compte par la double authentification, à la page « Sécurité de mon compte ».";
    ConfirmationNeeded "confirmation-needed" FORBIDDEN
        "The call is sensitive, and the password was last given in this session more than 15 minutes ago."
        "Pour cette opération, confirmez d’abord votre mot de passe.";
    ConfirmationRefused "confirmation-refused" FORBIDDEN
        "The password or the code is wrong."
        "Le mot de passe ou le code ne convient pas.";
    ForeignSite "foreign-site" FORBIDDEN
        "A page of another site made the request: an image, a form, or a script of an origin that is not allowed."
        "Cette opération se fait sur le portail : une page d’un autre site ne peut pas la demander.";
    Forbidden "forbidden" FORBIDDEN
        "The caller's role does not permit this."
        "Votre compte ne permet pas cette opération.";
    ResetLinkDead "reset-link-dead" NOT_FOUND
        "The link is unknown, used, older than an hour, or replaced."
        "Ce lien ne sert plus : il a plus d’une heure, a déjà été utilisé, ou a été remplacé. Demandez-en un nouveau par \
         « mot de passe oublié ».";
    LastCountyAccount "last-county-account" CONFLICT
        "The last county account cannot be removed."
        ITS_OWN;
    TooManyRequests "too-many-requests" TOO_MANY_REQUESTS
        "Too many requests came from one network address."
        "Trop de demandes viennent de votre réseau : réessayez dans quelques minutes.";
    SignInWaits "sign-in-waits" TOO_MANY_REQUESTS
        "The account waits after too many wrong passwords or codes."
        "Trop d’essais : attendez quelques minutes avant de recommencer.";
    EnrolmentMissing "enrolment-missing" CONFLICT
        "No enrolment of a second factor waits for a code: it was not begun within the hour, or is finished."
        "Recommencez l’activation : la clé affichée n’est plus valable.";
    CountySecondFactor "county-second-factor" CONFLICT
        "County accounts must have a second factor here: replace it instead of removing it."
        "Un compte de la MDO garde la double authentification : vous pouvez la remplacer, pas la retirer.";
    OwnAccount "own-account" CONFLICT
        "Nobody changes their own role, or ends their own sessions and second factor from the staff's page."
        "C’est votre propre compte : demandez-le à une autre personne de la MDO.";
    NotFound "not-found" NOT_FOUND
        "It does not exist, or belongs to another library."
        "Cette adresse ne mène à rien que vous puissiez consulter.";
    AlreadyRegistered "already-registered" CONFLICT
        "The same person is registered under this address. `id` is that registration, if the caller may see it."
        ITS_OWN;
    AddressShared "address-shared" CONFLICT
        "The address has an account. With `household` the person joins it."
        ITS_OWN;
    HouseholdFull "household-full" CONFLICT
        "The account holds 60 registrations already."
        ITS_OWN;
    PastExpiry "past-expiry" CONFLICT
        "The registration is past `expiresOn`: renew it instead of activating it."
        ITS_OWN;
    CountyTooEarly "county-too-early" CONFLICT
        "The county may act when the registration has been pending for more than 7 days."
        ITS_OWN;
    LibraryNotWarned "library-not-warned" CONFLICT
        "The county may act from the day after the library's warning."
        ITS_OWN;
    RenewalTooEarly "renewal-too-early" CONFLICT
        "Renewal opens 30 days before `expiresOn`."
        ITS_OWN;
    Unreadable "unreadable" CONFLICT
        "The stored registration cannot be decoded: it can be erased, unless its address cannot be read either. The log names it, and an alarm rings."
        "Cette inscription est enregistrée sous une forme que le service ne sait plus lire. L’équipe technique en est \
         avertie ; vous pouvez encore la supprimer.";
    Stale "stale" PRECONDITION_FAILED
        "The record has changed since this version, or is gone."
        "Cette fiche a été modifiée entre-temps : relisez-la, puis recommencez.";
    AlreadyExists "already-exists" PRECONDITION_FAILED
        "There is an entry of this id already, and `If-None-Match` asks for a new one."
        "Il y a déjà une fiche sous ce code ou cette adresse : ouvrez-la pour la modifier.";
    Internal "internal" INTERNAL_SERVER_ERROR
        "Unexpected error: the log has the cause, and nothing is half done."
        "Une erreur est survenue de notre côté. Rien n’a été enregistré à moitié : réessayez dans un instant.";
    Unavailable "unavailable" SERVICE_UNAVAILABLE
        "A service that the desk depends on is unavailable: try again."
        "Le service est momentanément indisponible : réessayez dans quelques secondes.";
}

impl Code {
    /// Returns the title of its status, the same for all problems with this status.
    pub(crate) fn title(self) -> &'static str {
        match self.status().as_u16() {
            400 => "Requête mal formée",
            401 => "Connexion nécessaire",
            403 => "Opération non permise",
            404 => "Introuvable",
            405 => "Méthode non permise",
            409 => "Impossible en l’état",
            412 => "Fiche modifiée ou déjà là",
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
            Refusal::AlreadyRegistered { .. } => Self::AlreadyRegistered,
            Refusal::AddressShared => Self::AddressShared,
            Refusal::HouseholdFull => Self::HouseholdFull,
            Refusal::LastCountyAccount => Self::LastCountyAccount,
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
    fn every_text_is_unique() {
        let details: Vec<&str> = Code::ALL.iter().map(|code| code.detail()).filter(|text| *text != ITS_OWN).collect();
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
            Refusal::AlreadyRegistered { id: None },
            Refusal::AddressShared,
            Refusal::HouseholdFull,
            Refusal::LastCountyAccount,
        ] {
            let code = Code::from(&refusal);
            assert_eq!((code.as_str(), code.detail()), (refusal.code(), ITS_OWN));
        }
    }
}
