//! The pages: the title, path and module of each.

use askama::Template;

use crate::assets::Asset;

/// The contact in every page's footer.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) email: String,
    pub(crate) phone: String,
}

/// The values that a page passes to the frame template.
struct Frame<'a> {
    title: &'static str,
    /// The module that the script begins with.
    module: &'static str,
    contact: &'a Contact,
}

impl Frame<'_> {
    /// Returns the path of a static file.
    #[expect(clippy::unused_self, reason = "a template calls methods")]
    fn file(&self, source: &str) -> String {
        format!("/portail/{FOLDER}{}", Asset::of(source).map_or(source, |asset| asset.name))
    }

    /// Returns the contact's telephone number for a `tel:` link.
    fn dialled(&self) -> String {
        self.contact.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }
}

/// The folder of the static files, below `/portail/`.
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

        /// The path of every page, below `/portail/`.
        #[cfg(test)]
        pub(crate) const PATHS: &[&str] = &[$($path),*];

        /// Renders the page of a path; `None` if there is none.
        pub(crate) fn page(path: &str, contact: &Contact) -> Option<askama::Result<String>> {
            match path {
                $($path => Some($name { page: Frame { title: $title, module: $module, contact } }.render()),)*
                _ => None,
            }
        }
    };
}

pages! {
    SignIn          ""                          "sign-in.html"         "sign-in"         "Connexion"
    Forgotten       "mot-de-passe-oublie"       "forgotten.html"       "forgotten"       "Mot de passe oublié"
    ChoosePassword  "choisir-mon-mot-de-passe"  "choose-password.html" "choose-password" "Choisir mon mot de passe"
    MyAccount       "mon-compte"                "my-account.html"      "my-account"      "Mon compte"
    Security        "securite"                  "security.html"        "security"        "Sécurité de mon compte"
    Register        "inscription"               "register.html"        "register"        "Inscription usager ressources numériques"
    List            "abonnes"                   "list.html"            "list"            "Mes abonnés ressources numériques"
    Record          "abonne"                    "record.html"          "record"          "Fiche de l’usager"
    Unblock         "deblocage"                 "unblock.html"         "unblock"         "Déblocage"
    Libraries       "bibliotheques"             "libraries.html"       "libraries"       "Bibliothèques"
    Resources       "ressources"                "resources.html"       "resources"       "Ressources numériques"
    Staff           "equipe"                    "staff.html"           "staff"           "Comptes des bibliothécaires"
    Privacy         "donnees-personnelles"      "privacy.html"         "plain"           "Données personnelles"
    Accessibility   "accessibilite"             "accessibility.html"   "plain"           "Accessibilité"
    Missing         "introuvable"               "missing.html"         "plain"           "Page introuvable"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Contact {
        Contact { email: "mdo@oise.example".to_owned(), phone: "03 44 00 00 00".to_owned() }
    }

    /// Returns every text between `before` and the next quote.
    fn quoted<'a>(html: &'a str, before: &str) -> Vec<&'a str> {
        html.split(before).skip(1).filter_map(|rest| rest.split('"').next()).collect()
    }

    #[test]
    fn every_link_of_a_page_has_a_target() {
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
    fn p11_the_script_has_the_modules_of_all_pages_and_no_other() {
        let script = String::from_utf8(Asset::of("portal.js").unwrap().plain().unwrap()).unwrap();
        let modules = quoted(&script, "\n\"./");
        let mut used = quoted(&script, "__load(\"./");
        let pages: Vec<_> = PATHS.iter().map(|path| page(path, &contact()).unwrap().unwrap()).collect();
        let named: Vec<_> = pages.iter().flat_map(|html| quoted(html, "<body data-page=\"")).collect();
        assert_eq!(named.len(), PATHS.len());
        let named: Vec<_> = named.iter().map(|name| format!("{name}.js")).collect();
        used.extend(named.iter().map(String::as_str));
        for module in &used {
            assert!(modules.contains(module), "{module} is missing");
        }
        for module in &modules {
            assert!(used.contains(module), "{module} is used by no page");
        }
    }

    #[test]
    fn the_contact_is_escaped() {
        let contact = Contact { email: "\"><script>@oise.example".to_owned(), phone: "+33 3 44".to_owned() };
        let html = page("", &contact).unwrap().unwrap();
        assert!(!html.contains("<script>") && html.contains("tel:+33344"), "{html}");
        assert!(page("nulle-part", &contact).is_none());
    }
}
