//! Checks the whole table against itself (RE1): each change has its history line and its message, one account holds each
//! registration, and no item refers to one that is missing.

use std::collections::{BTreeMap, BTreeSet};

use domain::Email;
use serde_json::Value;

/// The digests, each with the action of the history lines that it causes.
const DIGESTS: [(&str, &str); 2] = [("library-digest", "warned"), ("county-digest", "escalated")];

/// The table's items by type.
pub(crate) struct Audit<'a> {
    /// Registrations by id.
    registrations: BTreeMap<&'a str, &'a Value>,
    /// History lines by registration, then by version.
    lines: BTreeMap<&'a str, BTreeMap<u64, &'a Value>>,
    accounts: Vec<&'a Value>,
    secrets: Vec<&'a Value>,
    staff: Vec<&'a Value>,
    mails: Vec<&'a Value>,
}

/// Checks all items; fails on the first inconsistency.
#[track_caller]
pub(crate) fn audit(items: &[Value]) {
    audit_but(items, 0);
}

/// Like [`audit`], but allows `unsaid` address changes without a message to the old address, because it was marked.
#[track_caller]
pub(crate) fn audit_but(items: &[Value], unsaid: usize) {
    let audit = Audit::of(items);
    audit.accounts_hold_the_registrations();
    audit.passwords_are_of_their_accounts();
    audit.each_change_has_its_line();
    audit.each_line_has_its_mail(unsaid);
    audit.staff_are_listed_as_they_may_act();
}

fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item[field].as_str().unwrap_or_default()
}

impl<'a> Audit<'a> {
    pub(crate) fn of(items: &'a [Value]) -> Self {
        let kind = |kind: &'static str| items.iter().filter(move |item| text(item, "sk") == kind);
        let mut lines: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for item in items {
            if let (Some(id), Some(version)) =
                (text(item, "pk").strip_prefix("REG#"), text(item, "sk").strip_prefix("H#"))
            {
                lines.entry(id).or_default().insert(version.parse().expect("a version"), item);
            }
        }
        Self {
            registrations: kind("REG").map(|item| (&text(item, "pk")["REG#".len()..], item)).collect(),
            lines,
            accounts: kind("ACCOUNT").collect(),
            secrets: kind("SECRET").collect(),
            staff: items.iter().filter(|item| text(item, "pk") == "STAFF").collect(),
            mails: kind("MAIL").collect(),
        }
    }

    /// Checks that each registration is held once, by the account of its address, and that each account is used.
    #[track_caller]
    fn accounts_hold_the_registrations(&self) {
        let mut held = BTreeSet::new();
        for account in &self.accounts {
            let email: Email = text(account, "email").parse().expect("an address");
            assert_eq!(text(account, "pk"), store::keys::account(&email).pk, "an account is stored under its address");
            let members = account["registrations"].as_array().into_iter().flatten();
            let members: Vec<&str> = members.map(|id| id.as_str().expect("an id")).collect();
            assert!(
                !members.is_empty() || account["staff"].is_object(),
                "an account holds a registration or is staff's"
            );
            for id in members {
                let registration = self.registrations.get(id).expect("no account dangles");
                assert_eq!(account["email"], registration["email"], "the account has the registration's address");
                assert_eq!(account["mailState"], registration["mailState"], "both have the same mail state");
                assert!(held.insert(id), "{id} is held twice");
            }
        }
        assert_eq!(held.len(), self.registrations.len(), "each registration is held by an account");
    }

    /// Checks that each password is that of an account, and as the account says.
    #[track_caller]
    fn passwords_are_of_their_accounts(&self) {
        let with_password = self.accounts.iter().filter(|account| !account["passwordState"].is_null());
        let wanted: BTreeSet<String> = with_password
            .map(|account| {
                let (pseudonym, provisional) =
                    (&text(account, "pk")["ACCOUNT#".len()..], account["passwordState"] == "provisional");
                format!("SECRET#{pseudonym} {} {provisional}", account["generation"])
            })
            .collect();
        let found = self.secrets.iter();
        let found: BTreeSet<String> = found
            .map(|secret| format!("{} {} {}", text(secret, "pk"), secret["generation"], secret["provisional"]))
            .collect();
        assert_eq!(found, wanted, "passwords by generation, and whether they are provisional");
    }

    /// Checks that each version from 2 on has a history line. The record itself holds how version 1 was made.
    #[track_caller]
    fn each_change_has_its_line(&self) {
        for (id, registration) in &self.registrations {
            let version = registration["version"].as_u64().expect("a version");
            let lines: Vec<u64> = self.lines.get(id).into_iter().flat_map(BTreeMap::keys).copied().collect();
            assert_eq!(lines, (2..=version).collect::<Vec<_>>(), "a line for each change of {id}");
            let opened = self.actions(id).any(|action| matches!(action, "activated" | "renewed"));
            assert_eq!(opened, !registration["activatedOn"].is_null(), "{id} is active by a line");
            for (field, action) in [("warnedOn", "warned"), ("escalatedOn", "escalated"), ("renewedOn", "renewed")] {
                let has_line = self.actions(id).any(|other| other == action);
                assert!(registration[field].is_null() || has_line, "{id} is {action} without a line");
            }
        }
        for (id, lines) in &self.lines {
            if !self.registrations.contains_key(id) {
                assert_eq!(text(lines[&0], "action"), "created", "what is left of an erased one");
                assert_eq!(text(lines.values().last().unwrap(), "action"), "erased");
            }
        }
    }

    /// Returns the actions of a registration's lines, in order.
    fn actions(&self, id: &str) -> impl Iterator<Item = &'a str> {
        self.lines.get(id).into_iter().flat_map(BTreeMap::values).map(|line| text(line, "action"))
    }

    #[track_caller]
    fn each_line_has_its_mail(&self, unsaid: usize) {
        let (mut opened, mut moved, mut welcomed) = (0, 0, 0);
        for (id, lines) in &self.lines {
            // The messages of an erased person are erased as well.
            let opens = self.actions(id).any(|action| matches!(action, "activated" | "renewed"));
            opened += usize::from(opens && self.registrations.contains_key(id));
            let of_email = |line: &&&Value| line["fields"].as_array().is_some_and(|f| f.iter().any(|f| f == "email"));
            let there = self.registrations.contains_key(id);
            moved += lines.values().filter(|line| there && of_email(line)).count();
            let is_pending = |line: &&&Value| !matches!(text(line, "action"), "activated" | "renewed");
            welcomed += lines.values().skip_while(is_pending).filter(|line| there && of_email(line)).count();
            for (kind, action) in DIGESTS {
                let marked = self.actions(id).filter(|other| *other == action).count();
                let digests = self.digests_with(kind, id);
                // A digest that is sent on a later day dates the warning again.
                let dated_again = action == "warned" && digests > 0 && digests < marked;
                assert!(digests == marked || dated_again, "{id}: {digests} of {kind}, and {marked} times {action}");
            }
        }
        // The new address gets it again, unless access had ended or the address was marked.
        let activations = self.count_of("activation");
        assert!((opened..=opened + welcomed).contains(&activations), "{activations} mails for {opened} activations");
        assert_eq!(self.count_of("email-changed") + unsaid, moved, "a mail to the old address for each move");
    }

    fn digests_with(&self, kind: &str, id: &str) -> usize {
        let listed = |mail: &&&Value| mail["patrons"].as_array().is_some_and(|ids| ids.iter().any(|other| other == id));
        self.mails.iter().filter(|mail| kind_of(mail) == kind).filter(listed).count()
    }

    /// Counts the messages of a kind, sent or not.
    fn count_of(&self, kind: &str) -> usize {
        self.mails.iter().filter(|mail| kind_of(mail) == kind).count()
    }

    #[track_caller]
    fn staff_are_listed_as_they_may_act(&self) {
        let shown = |email: &Value, place: &Value| format!("{email} {} {}", place["role"], place["libraryIds"]);
        let staff = self.accounts.iter().filter(|account| account["staff"].is_object());
        let acting: BTreeSet<String> = staff.map(|account| shown(&account["email"], &account["staff"])).collect();
        let listed: BTreeSet<String> = self.staff.iter().map(|entry| shown(&entry["email"], entry)).collect();
        assert_eq!(listed, acting);
    }

    /// Returns `kind state` of all messages, sorted.
    pub(crate) fn outbox(&self) -> Vec<String> {
        let mut outbox: Vec<_> =
            self.mails.iter().map(|mail| format!("{} {}", kind_of(mail), text(mail, "messageState"))).collect();
        outbox.sort();
        outbox
    }
}

/// Returns a message's kind. It is part of the content until the message is closed, and an attribute of its own after.
pub(crate) fn kind_of(mail: &Value) -> &str {
    mail["message"]["kind"].as_str().or_else(|| mail["kind"].as_str()).unwrap_or_default()
}
