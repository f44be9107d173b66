//! Changes of the directory in French sentences (requirements S2).

use domain::directory::{Action, Entry, Line};

/// Returns what happened, as a sentence: `Le compte « Marie Lecture » (marie@fleury.example) a été modifié : rôle.`
/// `name` is the entry's, if it still exists.
pub(crate) fn sentence(line: &Line, name: Option<&str>) -> String {
    let (subject, feminine) = subject(&line.entry, name);
    let e = if feminine { "e" } else { "" };
    match &line.action {
        Action::Created => format!("{subject} a été ajouté{e}."),
        Action::Changed { fields } => {
            let fields: Vec<&str> = fields.iter().map(|field| field_name(&line.entry, field)).collect();
            format!("{subject} a été modifié{e} : {}.", fields.join(", "))
        }
        Action::Removed => format!("{subject} a été retiré{e}."),
        Action::Invited => format!("{subject} a reçu une nouvelle invitation."),
        Action::SessionsEnded => format!("{subject} a été déconnecté{e} de tous ses appareils."),
        Action::SecondFactorRemoved => format!("{subject} n’a plus la double authentification : elle a été retirée."),
    }
}

/// Returns the entry as the subject of a sentence, and whether it is feminine.
fn subject(entry: &Entry, name: Option<&str>) -> (String, bool) {
    let (noun, key, feminine) = match entry {
        Entry::Library { id } => ("La bibliothèque", id.as_str(), true),
        Entry::Resource { id } => ("La ressource", id.as_str(), true),
        Entry::Staff { email } => ("Le compte", email.as_str(), false),
    };
    // Quotes avoid an article that changes before a vowel: "de Marie", "d’Anne".
    (name.map_or_else(|| format!("{noun} {key}"), |name| format!("{noun} « {name} » ({key})")), feminine)
}

/// Returns the French name of a field, as the pages show it.
fn field_name<'a>(entry: &Entry, field: &'a str) -> &'a str {
    match (entry, field) {
        (Entry::Library { .. }, "active") => "ouverte aux nouvelles inscriptions",
        (Entry::Resource { .. }, "active") => "proposée aux usagers",
        (_, "name") => "nom",
        (_, "town") => "commune",
        (_, "postalCode") => "code postal",
        (_, "email") => "adresse e-mail",
        (_, "url") => "adresse",
        (_, "role") => "rôle",
        (_, "displayName") => "nom affiché",
        (_, "libraryIds") => "bibliothèques",
        (_, other) => other,
    }
}
