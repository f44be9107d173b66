//! Households: several patrons who share one e-mail address, and so one account (rules, section 7).

use crate::{
    Account, Person, Refusal, Registration, RegistrationId,
    collation::{fold, name_key},
};

/// Highest number of registrations in one account.
pub const MEMBERS: usize = 60;

/// Returns whether two persons of one e-mail address are the same: they have the same folded name and birth date.
pub fn is_same_person(a: &Person, b: &Person) -> bool {
    let name = |person: &Person| name_key(person.last_name.as_str(), person.first_name.as_str());
    a.birth_date == b.birth_date && name(a) == name(b)
}

/// A person who is about to be registered under, or moved to, an e-mail address that has an account.
#[derive(Debug, Clone, Copy)]
pub struct Newcomer<'a> {
    /// The registration's id.
    pub id: &'a RegistrationId,
    /// The person.
    pub person: &'a Person,
    /// Whether the librarian has confirmed that they share the household.
    pub confirmed: bool,
}

impl Account {
    /// Returns the account with a newcomer. `members` are its registrations, and `by` is the member of staff who asks.
    /// The answer to `by` does not depend on members of libraries that they do not reach, unless they have confirmed that
    /// the newcomer shares the household.
    ///
    /// # Errors
    /// [`Refusal::AlreadyRegistered`], [`Refusal::AddressShared`] or [`Refusal::HouseholdFull`].
    pub fn joined_by(&self, newcomer: Newcomer<'_>, members: &[Registration], by: &Self) -> Result<Self, Refusal> {
        let same = members.iter().find(|member| is_same_person(&member.person, newcomer.person));
        let here = same.filter(|member| by.reaches(&member.library_id));
        if let Some(member) = here {
            return Err(Refusal::AlreadyRegistered { id: Some(member.id.clone()) });
        }
        if !newcomer.confirmed {
            return Err(Refusal::AddressShared);
        }
        if same.is_some() {
            return Err(Refusal::AlreadyRegistered { id: None });
        }
        if self.registrations.len() >= MEMBERS {
            return Err(Refusal::HouseholdFull);
        }
        let registrations = self.registrations.iter().chain([newcomer.id]).cloned().collect();
        Ok(Self { registrations, ..self.clone() })
    }
}

/// Checks that a correction makes no member the same person as another one.
///
/// # Errors
/// [`Refusal::AlreadyRegistered`], with the other member's id if `by` reaches them.
pub fn check_correction(after: &Registration, members: &[Registration], by: &Account) -> Result<(), Refusal> {
    let is_twin = |member: &&Registration| member.id != after.id && is_same_person(&member.person, &after.person);
    match members.iter().find(is_twin) {
        None => Ok(()),
        Some(twin) => {
            Err(Refusal::AlreadyRegistered { id: Some(twin.id.clone()).filter(|_| by.reaches(&twin.library_id)) })
        }
    }
}

/// Returns the members' first names in the order of the list, for a mail about their account.
pub fn first_names(members: &[Registration]) -> Vec<String> {
    let mut persons: Vec<&Person> = members.iter().map(|member| &member.person).collect();
    persons.sort_by_cached_key(|person| (fold(person.first_name.as_str()), person.birth_date));
    persons.into_iter().map(|person| person.first_name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Staff, StaffRole,
        registration::rules::{librarian, pending},
    };

    fn member(digit: char, first_name: &str, library: &str) -> Registration {
        let mut member = pending();
        member.id = digit.to_string().repeat(24).parse().unwrap();
        member.person.first_name = first_name.parse().unwrap();
        member.library_id = library.parse().unwrap();
        member
    }

    fn account(members: &[Registration]) -> Account {
        let ids = members.iter().map(|member| member.id.clone()).collect();
        Account { registrations: ids, ..Account::of_patron(members[0].person.email.clone(), members[0].id.clone()) }
    }

    /// The answer to a librarian of `LI10511` who registers `first_name` under the members' address.
    fn joined(first_name: &str, confirmed: bool, members: &[Registration]) -> Result<Account, Refusal> {
        let newcomer = member('9', first_name, "LI10511");
        let newcomer = Newcomer { id: &newcomer.id, person: &newcomer.person, confirmed };
        account(members).joined_by(newcomer, members, &librarian())
    }

    #[test]
    fn hh1_the_same_person_is_refused_another_joins_once_confirmed() {
        let here = [member('1', "Zoé", "LI10511")];
        let known = Refusal::AlreadyRegistered { id: Some(here[0].id.clone()) };
        assert_eq!(joined("ZOE", false, &here), Err(known.clone()));
        assert_eq!(joined("ZOE", true, &here), Err(known));
        assert_eq!(joined("Léo", false, &here), Err(Refusal::AddressShared));
        assert_eq!(joined("Léo", true, &here).unwrap().registrations.len(), 2);
    }

    #[test]
    fn hh2_a_librarian_is_answered_alike_whoever_is_elsewhere() {
        let elsewhere = [member('1', "Zoé", "LI2575")];
        assert_eq!(joined("Zoé", false, &elsewhere), joined("Léo", false, &elsewhere));
        assert_eq!(joined("Zoé", true, &elsewhere), Err(Refusal::AlreadyRegistered { id: None }));
        let staff = Staff { role: StaffRole::Librarian, display_name: "Zoé".into(), library_ids: vec![] };
        let staff = Account::of_staff(elsewhere[0].person.email.clone(), staff);
        let newcomer = Newcomer { id: &elsewhere[0].id, person: &elsewhere[0].person, confirmed: false };
        assert_eq!(staff.joined_by(newcomer, &[], &librarian()), Err(Refusal::AddressShared));
    }

    #[test]
    fn section_7_an_account_holds_60_registrations() {
        let members = vec![member('1', "Zoé", "LI10511"); MEMBERS];
        assert_eq!(joined("Léo", true, &members), Err(Refusal::HouseholdFull));
        assert_eq!(joined("Léo", true, &members[1..]).unwrap().registrations.len(), MEMBERS);
    }

    #[test]
    fn section_7_another_birth_date_is_another_person() {
        let (mut father, son) = (member('1', "Jean", "LI10511").person, member('2', "Jean", "LI10511").person);
        assert!(is_same_person(&father, &son));
        father.birth_date = crate::person::BirthDate::parse("1960-05-17", jiff::civil::Date::MAX).unwrap();
        assert!(!is_same_person(&father, &son));
    }

    #[test]
    fn hh1_a_correction_makes_nobody_another_member() {
        let members = [member('1', "Zoé", "LI10511"), member('2', "Léo", "LI10511"), member('3', "Ali", "LI2575")];
        let corrected = |first_name| {
            let after = member('1', first_name, "LI10511");
            check_correction(&after, &members, &librarian())
        };
        assert_eq!(corrected("Zoë"), Ok(()));
        assert_eq!(corrected("LÉO"), Err(Refusal::AlreadyRegistered { id: Some(members[1].id.clone()) }));
        assert_eq!(corrected("Ali"), Err(Refusal::AlreadyRegistered { id: None }));
    }

    #[test]
    fn section_7_a_password_mail_names_the_members_by_first_name() {
        let members = [member('1', "Zoé", "LI10511"), member('2', "Élie", "LI2575"), member('3', "Ali", "LI10511")];
        assert_eq!(first_names(&members), ["Ali", "Élie", "Zoé"]);
    }
}
