//! The demonstration's accounts: the county, three librarians, and the password of a patron with an active
//! registration.
//!
//! Registrations of all other libraries were made by `accueil.<id>@oise.example`. These addresses have no account and
//! appear in histories only.

use domain::{Account, Email, Fault, Library, LibraryId, Staff, StaffRole};
use store::Member;

/// A library of a village of 200 households.
pub(crate) const VILLAGE: &str = "LI10511";
/// A town's library and its annexe, with one librarian for both.
pub(crate) const TWO: [&str; 2] = ["LI2590", "LI5841"];
/// The largest library of the largest town.
pub(crate) const TOWN: &str = "LI2576";

/// The county's password.
const COUNTY_PASSWORD: &str = "Girafe-Violon-42";
/// The password of the patron who can sign in.
pub(crate) const PATRON_PASSWORD: &str = "Cactus+Lanterne-8";

/// Role in the demonstration, e-mail, display name, password, libraries.
const LIBRARIANS: [(&str, &str, &str, &str, &[&str]); 3] = [
    ("librarian of Fleury, a village", "bib.fleury@oise.example", "Solène D'Arcy", "Trombone-Ficelle-7", &[VILLAGE]),
    ("librarian of two in Clermont", "bib.clermont@oise.example", "Gaël Lecœur", "Moutarde-Comète-5", &TWO),
    ("librarian of Beauvais", "bib.beauvais@oise.example", "Élise Le Goff", "Parasol_Enclume-3", &[TOWN]),
];

/// A staff account with a public password.
#[derive(Debug, Clone)]
pub(crate) struct DemoMember {
    /// The account's role in the demonstration, in English.
    pub(crate) who: &'static str,
    pub(crate) member: Member,
    pub(crate) password: &'static str,
}

impl DemoMember {
    pub(crate) fn account(&self) -> Account {
        Account::of_staff(self.member.email.clone(), self.member.staff.clone())
    }
}

/// Returns the county account, then the librarians who sign in.
pub(crate) fn members(county_email: &Email) -> Result<Vec<DemoMember>, Fault> {
    let mut members = vec![DemoMember {
        who: "county",
        member: Member {
            email: county_email.clone(),
            staff: Staff {
                role: StaffRole::County,
                display_name: "Médiathèque départementale de l'Oise".to_owned(),
                library_ids: Vec::new(),
            },
        },
        password: COUNTY_PASSWORD,
    }];
    members.extend(librarians()?);
    Ok(members)
}

/// Returns the librarians who sign in.
pub(crate) fn librarians() -> Result<Vec<DemoMember>, Fault> {
    let member = |(who, email, name, password, libraries): (_, &str, _, _, &[&str])| {
        let library_ids = libraries.iter().map(|id| id.parse()).collect::<Result<_, _>>()?;
        Ok(DemoMember { who, member: librarian(email.parse()?, name, library_ids), password })
    };
    LIBRARIANS.into_iter().map(member).collect()
}

/// Returns the account that registers a library's patrons: its librarian, or else an invented colleague.
pub(crate) fn at_the_desk(members: &[DemoMember], library: &Library) -> Result<Account, Fault> {
    let librarians = members.iter().filter(|member| !member.member.is_county());
    let mut accounts = librarians.map(DemoMember::account);
    if let Some(account) = accounts.find(|account| account.reaches(&library.id)) {
        return Ok(account);
    }
    let email = format!("accueil.{}@oise.example", library.id).parse()?;
    let Member { email, staff } = librarian(email, "Accueil", vec![library.id.clone()]);
    Ok(Account::of_staff(email, staff))
}

fn librarian(email: Email, name: &str, library_ids: Vec<LibraryId>) -> Member {
    Member { email, staff: Staff { role: StaffRole::Librarian, display_name: name.to_owned(), library_ids } }
}

#[cfg(test)]
mod tests {
    use domain::password::{Known, Password};

    use super::*;
    use crate::libraries;

    #[test]
    fn every_password_passes_the_password_rule() {
        for member in members(&"mdo@oise.example".parse().unwrap()).unwrap() {
            let Member { email, staff: Staff { display_name, .. } } = &member.member;
            let mut known = Known::default();
            let about = [email.as_str(), display_name, "Fleury", "Clermont", "Beauvais", "Bibliothèque municipale"];
            for text in about {
                known.add_text(text);
            }
            assert!(Password::chosen(member.password, &known).is_ok(), "{}", member.who);
        }
    }

    #[test]
    fn the_librarians_libraries_are_in_the_register() {
        let members = members(&"mdo@oise.example".parse().unwrap()).unwrap();
        let kept: Vec<usize> = members.iter().map(|member| member.member.staff.library_ids.len()).collect();
        assert_eq!(kept, [0, 1, 2, 1]);
        let known = libraries::all().unwrap();
        let towns = members.iter().flat_map(|member| &member.member.staff.library_ids).map(|id| {
            let listed = known.iter().find(|listed| listed.library.id == *id).unwrap();
            listed.library.town.as_str()
        });
        assert_eq!(towns.collect::<Vec<_>>(), ["Fleury", "Clermont", "Clermont", "Beauvais"]);
    }
}
