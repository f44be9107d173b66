//! The pages: what each is called, where it is, and which module brings it to life.

use askama::Template;

use crate::assets::Asset;

/// What every page's foot says: whom to ask.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) email: String,
    pub(crate) phone: String,
}

/// What the frame around a page needs to know of it.
struct Frame<'a> {
    title: &'static str,
    module: &'static str,
    contact: &'a Contact,
}

impl Frame<'_> {
    /// Where a static file is.
    #[expect(clippy::unused_self, reason = "a template calls methods")]
    fn file(&self, source: &str) -> String {
        format!("/portail/{FOLDER}{}", Asset::of(source).map_or(source, |asset| asset.name))
    }

    /// Where the modules below the page's own are.
    fn modules_below(&self) -> Vec<String> {
        let below = Asset::of(self.module).map_or(&[][..], |asset| asset.modules);
        below.iter().map(|name| format!("/portail/{FOLDER}{name}")).collect()
    }

    /// The contact's telephone number as a link dials it.
    fn dialled(&self) -> String {
        self.contact.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }
}

/// Where static files lie, below `/portail/`.
pub(crate) const FOLDER: &str = "fichiers/";

macro_rules! pages {
    ($($name:ident $path:literal $file:tt $module:literal $title:literal)*) => {
        $(
            #[derive(Template)]
            #[template(path = $file)]
            struct $name<'a> {
                page: Frame<'a>,
            }
        )*

        /// Every page's path below `/portail/`.
        #[cfg(test)]
        pub(crate) const PATHS: &[&str] = &[$($path),*];

        /// The page of a path, as HTML; `None` where there is none.
        pub(crate) fn page(path: &str, contact: &Contact) -> Option<askama::Result<String>> {
            match path {
                $($path => Some($name { page: Frame { title: $title, module: $module, contact } }.render()),)*
                _ => None,
            }
        }
    };
}

pages! {
    SignIn          ""                          "sign-in.html"         "sign-in.js"         "Connexion"
    Forgotten       "mot-de-passe-oublie"       "forgotten.html"       "forgotten.js"       "Mot de passe oublié"
    ChoosePassword  "choisir-mon-mot-de-passe"  "choose-password.html" "choose-password.js" "Choisir mon mot de passe"
    MyAccount       "mon-compte"                "my-account.html"      "my-account.js"      "Mon compte"
    Register        "inscription"               "register.html"        "register.js"        "Inscription usager ressources numériques"
    List            "abonnes"                   "list.html"            "list.js"            "Mes abonnés ressources numériques"
    Record          "abonne"                    "record.html"          "record.js"          "Fiche de l’usager"
    Unblock         "deblocage"                 "unblock.html"         "unblock.js"         "Déblocage"
    Libraries       "bibliotheques"             "libraries.html"       "libraries.js"       "Bibliothèques"
    Resources       "ressources"                "resources.html"       "resources.js"       "Ressources numériques"
    Staff           "equipe"                    "staff.html"           "staff.js"           "Comptes des bibliothécaires"
    Privacy         "donnees-personnelles"      "privacy.html"         "plain.js"           "Données personnelles"
    Accessibility   "accessibilite"             "accessibility.html"   "plain.js"           "Accessibilité"
    Missing         "introuvable"               "missing.html"         "plain.js"           "Page introuvable"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        Contact { email: "mdo@oise.example".to_owned(), phone: "03 44 00 00 00".to_owned() }
    }

    /// What stands between `before` and the next quote, each time.
    fn quoted<'a>(html: &'a str, before: &str) -> Vec<&'a str> {
        html.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn every_page_leads_to_pages_and_files_that_are_there() {
        for path in PATHS {
            let html = page(path, &contact()).unwrap().unwrap();
            let links = quoted(&html, "href=\"/portail/").into_iter().chain(quoted(&html, "src=\"/portail/"));
            for link in links {
                let there = match link.strip_prefix(FOLDER) {
                    Some(name) => Asset::named(name).is_some(),
                    None => PATHS.contains(&link),
                };
                assert!(there, "{path}: {link}");
            }
        }
    }

    #[test]
    fn the_contact_is_that_of_the_parameters_whatever_it_holds() {
        let contact = Contact { email: "\"><script>@oise.example".to_owned(), phone: "+33 3 44".to_owned() };
        let html = page("", &contact).unwrap().unwrap();
        assert!(!html.contains("<script>") && html.contains("tel:+33344"), "{html}");
        assert!(page("nulle-part", &contact).is_none());
    }
}
