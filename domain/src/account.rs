//! Accounts: one for each e-mail address. An account holds registrations, may be staff, or both (rules, section 7).

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{Email, LibraryId, RegistrationId};

/// The time after its last request at which a session that staff opened ends (contract, conventions; requirements S3).
pub const IDLE: SignedDuration = SignedDuration::from_mins(60);

/// A role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads the account's registrations and opens their resources.
    Patron,
    /// Staff of one or several libraries; sees and changes these only.
    Librarian,
    /// Staff of the county library; sees all libraries, and may activate overdue registrations.
    County,
}

/// The role of a member of staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum StaffRole {
    /// Staff of one or several libraries.
    Librarian,
    /// Staff of the county library.
    County,
}

impl From<StaffRole> for Role {
    fn from(role: StaffRole) -> Self {
        match role {
            StaffRole::Librarian => Self::Librarian,
            StaffRole::County => Self::County,
        }
    }
}

/// What makes an account one of the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Staff {
    /// The role.
    pub role: StaffRole,
    /// The name that the pages show.
    pub display_name: String,
    /// A librarian's libraries; empty for the county.
    pub library_ids: Vec<LibraryId>,
}

/// An account that can sign in. Contains no password hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The e-mail address, which identifies the account.
    pub email: Email,
    /// Its place in the staff; `None` if it only holds registrations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<Staff>,
    /// Its registrations, the oldest member of the household first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registrations: Vec<RegistrationId>,
}

impl Account {
    /// Creates the account of a patron's first registration.
    pub fn of_patron(email: Email, registration: RegistrationId) -> Self {
        Self { email, staff: None, registrations: vec![registration] }
    }

    /// Creates the account of a member of staff.
    pub fn of_staff(email: Email, staff: Staff) -> Self {
        Self { email, staff: Some(staff), registrations: Vec::new() }
    }

    /// Returns the roles: patron if it holds a registration, then the one in the staff.
    pub fn roles(&self) -> Vec<Role> {
        let patron = (!self.registrations.is_empty()).then_some(Role::Patron);
        patron.into_iter().chain(self.staff.as_ref().map(|staff| staff.role.into())).collect()
    }

    /// Returns whether this is library or county staff.
    pub fn is_staff(&self) -> bool {
        self.staff.is_some()
    }

    /// Returns whether this is county staff.
    pub fn is_county(&self) -> bool {
        self.staff.as_ref().is_some_and(|staff| staff.role == StaffRole::County)
    }

    /// Returns a librarian's libraries; none for the county and for patrons.
    pub fn library_ids(&self) -> &[LibraryId] {
        self.staff.as_ref().map_or(&[], |staff| &staff.library_ids)
    }

    /// Returns whether the account may see and change the registrations of `library`.
    pub fn reaches(&self, library: &LibraryId) -> bool {
        self.is_county() || self.library_ids().contains(library)
    }

    /// Returns how long a session of this account is valid, in hours (contract, conventions).
    pub fn session_hours(&self) -> i64 {
        if self.is_staff() { 12 } else { 24 }
    }

    /// Returns the account without a registration; `None` if it ends with it, because it holds no other and is not
    /// staff (rules, section 7).
    pub fn without(&self, registration: &RegistrationId) -> Option<Self> {
        let mut left = self.clone();
        left.registrations.retain(|id| id != registration);
        left.is_used().then_some(left)
    }

    /// Returns the account with another place in the staff, or none; `None` if it ends, because it holds no
    /// registration and is no longer staff.
    pub fn with_staff(&self, staff: Option<Staff>) -> Option<Self> {
        let changed = Self { staff, ..self.clone() };
        changed.is_used().then_some(changed)
    }

    fn is_used(&self) -> bool {
        self.is_staff() || !self.registrations.is_empty()
    }

    /// Returns whether the place `next` gives the account more than it has: then its password, which may be known to
    /// others, is not enough (requirements S1).
    pub fn is_raised_by(&self, next: &Staff) -> bool {
        self.staff.as_ref().is_none_or(|staff| staff.role < next.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn staff(role: StaffRole, libraries: &[&str]) -> Staff {
        let library_ids = libraries.iter().map(|id| id.parse().unwrap()).collect();
        Staff { role, display_name: "A".into(), library_ids }
    }

    fn account(role: StaffRole, libraries: &[&str]) -> Account {
        Account::of_staff("a@oise.fr".parse().unwrap(), staff(role, libraries))
    }

    fn id(digit: char) -> RegistrationId {
        digit.to_string().repeat(24).parse().unwrap()
    }

    fn household() -> Account {
        let account = Account::of_patron("a@oise.fr".parse().unwrap(), id('1'));
        Account { registrations: vec![id('1'), id('2')], ..account }
    }

    #[test]
    fn a_librarian_reaches_their_own_libraries_only() {
        let librarian = account(StaffRole::Librarian, &["LI1", "LI2"]);
        assert!(librarian.reaches(&"LI2".parse().unwrap()));
        assert!(!librarian.reaches(&"LI3".parse().unwrap()));
    }

    #[test]
    fn the_county_reaches_all_and_a_patron_none() {
        assert!(account(StaffRole::County, &[]).reaches(&"LI3".parse().unwrap()));
        assert!(!household().reaches(&"LI3".parse().unwrap()));
    }

    #[test]
    fn sessions_last_12_hours_for_staff_24_for_patrons() {
        assert_eq!(account(StaffRole::County, &[]).session_hours(), 12);
        assert_eq!(account(StaffRole::Librarian, &[]).session_hours(), 12);
        assert_eq!(household().session_hours(), 24);
    }

    #[test]
    fn hh4_staff_who_are_patrons_have_both_roles() {
        assert_eq!(household().roles(), [Role::Patron]);
        assert_eq!(account(StaffRole::County, &[]).roles(), [Role::County]);
        let both = household().with_staff(Some(staff(StaffRole::Librarian, &["LI1"]))).unwrap();
        assert_eq!(both.roles(), [Role::Patron, Role::Librarian]);
        assert_eq!(both.with_staff(None), Some(household()), "the patron stays");
    }

    #[test]
    fn hh3_an_account_ends_with_its_last_member_unless_staff_s() {
        let one = household().without(&id('1')).unwrap();
        assert_eq!(one.registrations, [id('2')]);
        assert_eq!(one.without(&id('2')), None);
        let both = one.with_staff(Some(staff(StaffRole::Librarian, &["LI1"]))).unwrap();
        assert_eq!(both.without(&id('2')).unwrap().roles(), [Role::Librarian]);
        assert_eq!(account(StaffRole::County, &[]).with_staff(None), None);
    }

    #[test]
    fn s1_another_role_raises_unless_it_is_the_same_or_a_lesser_one() {
        use StaffRole::{County, Librarian};
        assert!(household().is_raised_by(&staff(Librarian, &["LI1"])));
        assert!(account(Librarian, &["LI1"]).is_raised_by(&staff(County, &[])));
        assert!(!account(Librarian, &["LI1"]).is_raised_by(&staff(Librarian, &["LI1", "LI2"])));
        assert!(!account(County, &[]).is_raised_by(&staff(Librarian, &["LI1"])));
    }
}
