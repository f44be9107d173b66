//! Compares the table with the world.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    ops::{Event, LIBRARIES, RESOURCES},
    people::Address,
    world::{About, Post, Record, World, last_name, library_email},
};
use crate::reliability::audit::kind_of;

/// Maps the random ids of the table to the world's records and messages.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    /// Registration id → record's number.
    pub(crate) records: BTreeMap<String, usize>,
    /// Message ids in the world's order.
    pub(crate) mails: Vec<String>,
    /// Digests of the links that were sent, in order.
    pub(crate) links: Vec<String>,
}

pub(super) fn text<'a>(item: &'a Value, field: &str) -> &'a str {
    item[field].as_str().unwrap_or_default()
}

fn id_of<'a>(item: &'a Value, prefix: &str) -> Option<&'a str> {
    text(item, "pk").strip_prefix(prefix)
}

/// Returns a record as the table should hold it.
fn expected(world: &World, record: &Record) -> Value {
    json!({
        "resources": [RESOURCES[record.resource].0], "mailState": world.mark(record.of),
        "libraryId": record.library, "email": record.of.email(), "lastName": last_name(record.name), "town": format!("Commune {}", record.town),
        "registeredOn": record.registered_on, "expiresOn": record.expires_on, "activatedOn": record.activated_on,
        "activatedBy": record.activated_by, "renewedOn": record.renewed_on, "warnedOn": record.warned_on,
        "escalatedOn": record.escalated_on, "lines": expected_lines(record),
    })
}

fn expected_lines(record: &Record) -> Vec<String> {
    record.lines.iter().map(|(action, by, at)| format!("{action} {by} {at}")).collect()
}

/// Returns a registration's item and its lines in the form of [`expected`].
fn found(item: &Value, own: &[&Value]) -> Value {
    let created = format!("created {} {}", text(item, "createdBy"), instant(&item["createdAt"]));
    let lines: Vec<String> = [created].into_iter().chain(own.iter().map(|line| line_of(line))).collect();
    let mut view = json!({ "lines": lines });
    let fields = ["libraryId", "email", "lastName", "town", "registeredOn", "expiresOn", "activatedOn", "activatedBy"];
    for field in fields.into_iter().chain(["renewedOn", "warnedOn", "escalatedOn", "resources", "mailState"]) {
        view[field] = item[field].clone();
    }
    view
}

fn line_of(line: &Value) -> String {
    format!("{} {} {}", text(line, "action"), text(line, "by"), instant(&line["at"]))
}

fn instant(at: &Value) -> Timestamp {
    at.as_str().expect("an instant").parse().expect("RFC 3339")
}

/// Returns a message's state.
pub(crate) fn post_of(mail: &Value) -> Post {
    match text(mail, "messageState") {
        "queued" => Post::Unsent,
        "sent" => Post::Sent,
        "dropped" => Post::Dropped,
        other => panic!("a mail in the state {other:?}"),
    }
}

impl Names {
    /// Returns the id of a record.
    pub(crate) fn id_of(&self, number: usize) -> Option<&String> {
        self.records.iter().find(|(_, known)| **known == number).map(|(id, _)| id)
    }

    /// Returns the numbers of the registrations in the table.
    pub(crate) fn numbers(&self, items: &[Value]) -> BTreeSet<usize> {
        let there = items.iter().filter(|item| text(item, "sk") == "REG").filter_map(|item| id_of(item, "REG#"));
        there.map(|id| self.records[id]).collect()
    }

    /// Returns the names with those of new items, if the table matches the world; otherwise the first difference.
    pub(crate) fn matched(&self, world: &World, items: &[Value]) -> Result<Self, String> {
        let mut names = self.clone();
        names.match_records(world, items)?;
        names.match_erased(world, items)?;
        names.match_mails(world, items)?;
        names.match_accounts(world, items)?;
        match_directory(world, items)?;
        Ok(names)
    }

    fn match_records(&mut self, world: &World, items: &[Value]) -> Result<(), String> {
        let lines = lines(items);
        let mut there = BTreeMap::new();
        for item in items.iter().filter(|item| text(item, "sk") == "REG") {
            let id = id_of(item, "REG#").unwrap();
            // A step makes at most one registration.
            let new = world.records.last().map(|last| last.number).filter(|last| self.id_of(*last).is_none());
            let Some(number) = self.records.get(id).copied().or(new) else {
                return Err(format!("a registration too many: {item}"));
            };
            self.records.insert(id.to_owned(), number);
            there.insert(number, found(item, lines.get(id).map_or(&[], Vec::as_slice)));
        }
        let wanted = world.records.iter().map(|record| (record.number, expected(world, record))).collect();
        same("registrations by number", &there, &wanted)
    }

    fn match_erased(&self, world: &World, items: &[Value]) -> Result<(), String> {
        let lines = lines(items);
        for record in &world.erased {
            let id = self.id_of(record.number).expect("it was there once");
            let left: Vec<String> = lines.get(id.as_str()).into_iter().flatten().map(|line| line_of(line)).collect();
            same("what is left of an erased one", &left, &expected_lines(record))?;
        }
        Ok(())
    }

    fn match_mails(&mut self, world: &World, items: &[Value]) -> Result<(), String> {
        let mails: BTreeMap<&str, &Value> = items
            .iter()
            .filter(|item| text(item, "sk") == "MAIL")
            .map(|item| (id_of(item, "MAIL#").unwrap(), item))
            .collect();
        for (id, mail) in self.mails.iter().zip(&world.mails) {
            let post = mails.get(id.as_str()).map_or(Post::Gone, |item| post_of(item));
            same(mail.about.kind(), &post, &mail.post)?;
            let reported = mails.get(id.as_str()).map_or("", |item| text(item, "deliveryEvent"));
            let reported = if reported == "delivered" { "" } else { reported };
            let wanted = mail.worst.filter(|_| post == Post::Sent).map_or("", Event::name);
            same("the delivery event of a message", &reported, &wanted)?;
        }
        let mut new: Vec<(About, &str)> = Vec::new();
        for (id, item) in mails.iter().filter(|(id, _)| !self.mails.iter().any(|known| known == *id)) {
            same("a new mail", &post_of(item), &Post::Unsent)?;
            new.push((self.about(item), id));
        }
        let wanted: Vec<&About> = world.mails[self.mails.len()..].iter().map(|mail| &mail.about).collect();
        for about in &wanted {
            let at = new.iter().position(|(other, _)| other == *about).ok_or_else(|| format!("no mail: {about:?}"))?;
            self.mails.push(new.remove(at).1.to_owned());
        }
        same("mails too many", &new, &Vec::new())
    }

    /// Returns the subject of an unsent message.
    fn about(&self, item: &Value) -> About {
        let message = &item["message"];
        let number = |id: &Value| self.records[id.as_str().expect("an id")];
        let to = || Address::of(text(message, "to"));
        let numbers = || item["patrons"].as_array().into_iter().flatten().map(number).collect();
        match kind_of(item) {
            "activation" => About::Activation { number: number(&message["registration_id"]) },
            "password-link" => About::Link { of: to() },
            "password-changed" => About::Chosen { of: to() },
            "sign-in-waits" => About::Waits { of: to() },
            "email-changed" => About::Moved { old: to(), number: number(&message["registration_id"]) },
            "invitation" => About::Invited { of: to() },
            "directory-changed" => About::Changed { to: text(message, "to").to_owned() },
            "library-digest" => {
                let known = LIBRARIES.into_iter().find(|id| *id == text(message, "library_id"));
                About::Warning { library: known.expect("a known library"), numbers: numbers() }
            }
            _ => About::Escalation { numbers: numbers() },
        }
    }
}

/// Compares libraries, resources and the directory's history.
fn match_directory(world: &World, items: &[Value]) -> Result<(), String> {
    let of = |pk: &'static str| items.iter().filter(move |item| text(item, "pk") == pk);
    let found: BTreeMap<&str, &str> = of("LIBRARIES").map(|item| (text(item, "sk"), text(item, "email"))).collect();
    let known = |library: &'static str| world.libraries.get(library).map(|n| library_email(library, *n));
    let wanted = LIBRARIES.map(|library| (library, known(library).unwrap_or_default()));
    same("libraries", &found, &wanted.iter().map(|(library, email)| (*library, email.as_str())).collect())?;
    let found: BTreeMap<&str, &Value> = of("RESOURCES").map(|item| (text(item, "sk"), &item["active"])).collect();
    let wanted: Vec<Value> = world.resources.iter().map(|active| json!(active)).collect();
    same("resources", &found, &RESOURCES.iter().map(|(id, _)| *id).zip(&wanted).collect())?;
    let shown = |item: &Value| format!("{}{} {}", text(item, "id"), text(item, "email"), line_of(item));
    let mut found: Vec<String> = of("DIRECTORY").map(shown).collect();
    let mut wanted = world.directory.clone();
    found.sort();
    wanted.sort();
    same("lines of the directory's history", &found, &wanted)
}

/// Returns each registration's history lines, ordered by version.
fn lines(items: &[Value]) -> BTreeMap<&str, Vec<&Value>> {
    let mut sorted: Vec<&Value> = items.iter().filter(|item| text(item, "sk").starts_with("H#")).collect();
    sorted.sort_by_key(|item| text(item, "sk"));
    let mut lines: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for line in sorted {
        lines.entry(id_of(line, "REG#").expect("a registration's")).or_default().push(line);
    }
    lines
}

pub(super) fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, wanted: &T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{what}\n   found {found:?}\n  wanted {wanted:?}")) }
}
