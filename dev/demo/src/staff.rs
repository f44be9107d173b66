//! Who signs in to the demonstration: the county, three librarians, and a patron whose registration is active.
//!
//! All other libraries' registrations were made by colleagues at their desks (`accueil.<id>@oise.example`), who have no
//! account here and are only met in histories.

use domain::{Account, Email, Fault, Library, LibraryId, Role};

/// A library of a village of 200 households.
pub(crate) const VILLAGE: &str = "LI10511";
/// A town's library and its annexe, looked after by one person.
pub(crate) const TWO: [&str; 2] = ["LI2590", "LI5841"];
/// The biggest town's biggest library.
pub(crate) const TOWN: &str = "LI2576";

/// The county's password.
const COUNTY_PASSWORD: &str = "Girafe-Violon-42";
/// The patron's.
pub(crate) const PATRON_PASSWORD: &str = "Cactus+Lanterne-8";

/// Who, e-mail, name on the page, password, libraries.
const LIBRARIANS: [(&str, &str, &str, &str, &[&str]); 3] = [
    ("librarian of Fleury, a village", "bib.fleury@oise.example", "Solène D'Arcy", "Trombone-Ficelle-7", &[VILLAGE]),
    ("librarian of two in Clermont", "bib.clermont@oise.example", "Gaël Lecœur", "Moutarde-Comète-5", &TWO),
    ("librarian of Beauvais", "bib.beauvais@oise.example", "Élise Le Goff", "Parasol_Enclume-3", &[TOWN]),
];

/// Someone with an account and a password to give away.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// What they are here for.
    pub(crate) who: &'static str,
    pub(crate) account: Account,
    pub(crate) password: &'static str,
}

/// The county and the librarians, the county first.
pub(crate) fn members(county_email: &Email) -> Result<Vec<Member>, Fault> {
    let mut members = vec![Member {
        who: "county",
        account: Account {
            email: county_email.clone(),
            role: Role::County,
            display_name: "Médiathèque départementale de l'Oise".to_owned(),
            library_ids: Vec::new(),
            registration_id: None,
        },
        password: COUNTY_PASSWORD,
    }];
    members.extend(librarians()?);
    Ok(members)
}

/// The librarians who sign in.
pub(crate) fn librarians() -> Result<Vec<Member>, Fault> {
    let member = |(who, email, name, password, libraries): (_, &str, _, _, &[&str])| {
        let library_ids = libraries.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
        Ok(Member { who, account: librarian(email.parse()?, name, library_ids), password })
    };
    LIBRARIANS.into_iter().map(member).collect()
}

/// Who works at the desk of a library.
pub(crate) fn at_the_desk(members: &[Member], library: &Library) -> Result<Account, Fault> {
    let mut librarians = members.iter().map(|member| &member.account).filter(|account| !account.is_county());
    if let Some(account) = librarians.find(|account| account.reaches(&library.id)) {
        return Ok(account.clone());
    }
    let email = format!("accueil.{}@oise.example", library.id).parse()?;
    Ok(librarian(email, "Accueil", vec![library.id.clone()]))
}

fn librarian(email: Email, name: &str, library_ids: Vec<LibraryId>) -> Account {
    Account { email, role: Role::Librarian, display_name: name.to_owned(), library_ids, registration_id: None }
}

#[cfg(test)]
mod tests {
    use domain::password::Password;

    use super::*;
    use crate::libraries;

    #[test]
    fn every_password_is_one_that_the_rule_lets_through() {
        for member in members(&"mdo@oise.example".parse().unwrap()).unwrap() {
            let Account { email, display_name, .. } = &member.account;
            let about = [email.as_str(), display_name, "Fleury", "Clermont", "Beauvais", "Bibliothèque municipale"];
            assert!(Password::chosen(member.password, &about).is_ok(), "{}", member.who);
        }
    }

    #[test]
    fn one_library_two_libraries_a_town_each_of_the_register() {
        let members = members(&"mdo@oise.example".parse().unwrap()).unwrap();
        let kept: Vec<usize> = members.iter().map(|member| member.account.library_ids.len()).collect();
        assert_eq!(kept, [0, 1, 2, 1]);
        let known = libraries::all().unwrap();
        let towns = members.iter().flat_map(|member| &member.account.library_ids).map(|id| {
            let listed = known.iter().find(|listed| listed.library.id == *id).unwrap();
            listed.library.town.as_str()
        });
        assert_eq!(towns.collect::<Vec<_>>(), ["Fleury", "Clermont", "Clermont", "Beauvais"]);
    }
}
