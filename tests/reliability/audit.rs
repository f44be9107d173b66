//! The whole table, checked against itself (RE1): whatever befell the desk, no change is without its history line and its
//! mail, no registration without its account, and nothing dangles.

use std::collections::{BTreeMap, BTreeSet};

use domain::Email;
use serde_json::Value;

/// Kinds of mail that a history line stands for.
const DIGESTS: [(&str, &str); 2] = [("library-digest", "warned"), ("county-digest", "escalated")];

/// The table, sorted into what its items are.
pub(crate) struct Audit<'a> {
    /// By id.
    registrations: BTreeMap<&'a str, &'a Value>,
    /// By registration, then by version.
    lines: BTreeMap<&'a str, BTreeMap<u64, &'a Value>>,
    accounts: Vec<&'a Value>,
    staff: Vec<&'a Value>,
    mails: Vec<&'a Value>,
}

/// Checks all of it.
#[track_caller]
pub(crate) fn audit(items: &[Value]) {
    audit_but(items, 0);
}

/// The same, but for so many moves of which nobody was told: the old address was written to no more.
#[track_caller]
pub(crate) fn audit_but(items: &[Value], unsaid: usize) {
    let audit = Audit::of(items);
    audit.registrations_and_accounts_match_one_to_one();
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
            staff: items.iter().filter(|item| text(item, "pk") == "STAFF").collect(),
            mails: kind("MAIL").collect(),
        }
    }

    #[track_caller]
    fn registrations_and_accounts_match_one_to_one(&self) {
        let patrons: Vec<_> = self.accounts.iter().filter(|account| text(account, "role") == "patron").collect();
        assert_eq!(patrons.len(), self.registrations.len(), "an account each");
        for account in patrons {
            let registration = self.registrations.get(text(account, "registrationId")).expect("no account dangles");
            assert_eq!(account["email"], registration["email"], "the account has the registration's address");
            assert_eq!(account["mailState"], registration["mailState"], "what is told of it is told of both");
        }
        for account in &self.accounts {
            let email: Email = text(account, "email").parse().expect("an address");
            assert_eq!(text(account, "pk"), store::keys::account(&email).pk, "an account lies under its address");
        }
    }

    /// Versions 2 and on have a line each, under the version; how it was made stands in the record.
    #[track_caller]
    fn each_change_has_its_line(&self) {
        for (id, registration) in &self.registrations {
            let version = registration["version"].as_u64().expect("a version");
            let lines: Vec<u64> = self.lines.get(id).into_iter().flat_map(BTreeMap::keys).copied().collect();
            assert_eq!(lines, (2..=version).collect::<Vec<_>>(), "a line for each change of {id}");
            let opened = self.actions(id).any(|action| matches!(action, "activated" | "renewed"));
            assert_eq!(opened, !registration["activatedOn"].is_null(), "{id} is active by a line");
            for (field, action) in [("warnedOn", "warned"), ("escalatedOn", "escalated"), ("renewedOn", "renewed")] {
                let told = self.actions(id).any(|other| other == action);
                assert!(registration[field].is_null() || told, "{id} is {action} without a line");
            }
        }
        for (id, lines) in &self.lines {
            if !self.registrations.contains_key(id) {
                assert_eq!(text(lines[&0], "action"), "created", "what is left of an erased one");
                assert_eq!(text(lines.values().last().unwrap(), "action"), "erased");
            }
        }
    }

    /// The actions of a registration's lines, in order.
    fn actions(&self, id: &str) -> impl Iterator<Item = &'a str> {
        self.lines.get(id).into_iter().flat_map(BTreeMap::values).map(|line| text(line, "action"))
    }

    #[track_caller]
    fn each_line_has_its_mail(&self, unsaid: usize) {
        let (mut opened, mut moved) = (0, 0);
        for (id, lines) in &self.lines {
            // Of an erased person the mail is erased as well.
            let opens = self.actions(id).any(|action| matches!(action, "activated" | "renewed"));
            opened += usize::from(opens && self.registrations.contains_key(id));
            let of_email = |line: &&&Value| line["fields"].as_array().is_some_and(|f| f.iter().any(|f| f == "email"));
            moved += lines.values().filter(of_email).count();
            for (kind, action) in DIGESTS {
                let marked = self.actions(id).filter(|other| *other == action).count();
                assert_eq!(self.digests_with(kind, id), marked, "{id}: a {kind} for each time it was {action}");
            }
        }
        assert_eq!(self.count_of("activation"), opened, "an activation mail for each opening");
        assert_eq!(self.count_of("email-changed") + unsaid, moved, "a mail to the old address for each move");
    }

    fn digests_with(&self, kind: &str, id: &str) -> usize {
        let listed = |mail: &&&Value| mail["patrons"].as_array().is_some_and(|ids| ids.iter().any(|other| other == id));
        self.mails.iter().filter(|mail| kind_of(mail) == kind).filter(listed).count()
    }

    /// Mails of a kind, sent or not.
    fn count_of(&self, kind: &str) -> usize {
        self.mails.iter().filter(|mail| kind_of(mail) == kind).count()
    }

    #[track_caller]
    fn staff_are_listed_as_they_may_act(&self) {
        let as_told =
            |item: &&Value| (text(item, "email").to_owned(), item["role"].clone(), item["libraryIds"].clone());
        let acting: BTreeSet<String> = self
            .accounts
            .iter()
            .filter(|account| text(account, "role") != "patron")
            .map(|account| format!("{:?}", as_told(account)))
            .collect();
        let listed: BTreeSet<String> = self.staff.iter().map(|entry| format!("{:?}", as_told(entry))).collect();
        assert_eq!(listed, acting);
    }

    /// The states of all mails: `kind state`, sorted.
    pub(crate) fn outbox(&self) -> Vec<String> {
        let mut outbox: Vec<_> =
            self.mails.iter().map(|mail| format!("{} {}", kind_of(mail), text(mail, "messageState"))).collect();
        outbox.sort();
        outbox
    }
}

/// A mail's kind: in its message until it is closed, beside it from then on.
pub(crate) fn kind_of(mail: &Value) -> &str {
    mail["message"]["kind"].as_str().or_else(|| mail["kind"].as_str()).unwrap_or_default()
}
