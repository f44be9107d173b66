//! Compares the table's accounts, sessions, waits and export traces with the world's.

use std::collections::{BTreeMap, BTreeSet};

use domain::Email;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    accounts::{Account, Link, Password},
    ops::Status,
    people::{Address, Reach},
    table::{Names, same, text},
    world::World,
};
use store::keys::{self, ExportOf};

/// The items by partition.
type Partitions<'a> = BTreeMap<&'a str, Vec<&'a Value>>;

fn partition(of: Address, key: fn(&Email) -> keys::Key) -> String {
    key(&of.email().parse().expect("an address")).pk
}

impl Names {
    pub(super) fn match_accounts(&self, world: &World, items: &[Value]) -> Result<(), String> {
        let mut partitions = Partitions::new();
        for item in items {
            partitions.entry(text(item, "pk")).or_default().push(item);
        }
        let there = |kind: &str| items.iter().filter(|item| text(item, "sk") == kind).count();
        same("how many accounts", &there("ACCOUNT"), &world.accounts.len())?;
        let with_password = world.accounts.values().filter(|account| account.password != Password::None).count();
        same("how many passwords", &there("SECRET"), &with_password)?;
        for (of, account) in &world.accounts {
            let own = partitions.get(partition(*of, keys::account).as_str()).map_or(&[][..], Vec::as_slice);
            let [item] = own else { return Err(format!("no {of:?}")) };
            same("an account", &self.account_found(item, &partitions), &self.account_wanted(world, *of, account))?;
        }
        for (of, tries) in &world.tries {
            let item = partitions.get(partition(*of, keys::tries).as_str()).map_or(&Value::Null, |own| own[0]);
            let mut wanted = json!({ "wrong": tries.wrong, "inARow": tries.in_a_row, "waitUntil": tries.wait_until });
            if let Some(at) = tries.announced {
                wanted["announcedAt"] = json!(at);
            }
            same("tries", &item["count"], &wanted)?;
        }
        same("how many addresses were tried", &there("TRIES"), &world.tries.len())?;
        match_traces(world, items)
    }

    fn account_wanted(&self, world: &World, of: Address, account: &Account) -> Value {
        let mail = |at: Option<usize>| at.map(|at| &self.mails[at]);
        let staff = world.staff_of(of);
        let members: BTreeSet<_> = world.members(of).filter_map(|record| self.id_of(record.number)).collect();
        let own = world.sessions.iter().filter(|session| session.of == of && !session.over);
        let mut sessions: Vec<_> =
            own.map(|s| [s.until, s.last_used, s.confirmed].map(|at| at.to_string()).to_vec()).collect();
        sessions.sort();
        json!({
            "role": staff.map(Reach::role), "registrations": members,
            "libraryIds": staff.map(|reach| reach.libraries().unwrap_or_default()),
            "password": match account.password {
                Password::None => "none",
                Password::Provisional(_) => "provisional",
                Password::Chosen(_) => "chosen",
            },
            "resetMail": mail(account.reset_mail), "linkMail": mail(account.link_mail),
            "link": account.link.map(|Link { mailed, until }| json!({ "mailed": mailed, "until": until })),
            "mailState": account.mark, "sessions": sessions,
            "factor": account.factor.map(|factor| factor.used_step),
            "pending": account.pending.map(|(_, until)| until),
        })
    }

    fn account_found(&self, item: &Value, partitions: &Partitions<'_>) -> Value {
        let pseudonym = text(item, "pk").strip_prefix("ACCOUNT#").expect("an account's key");
        let of_partition =
            |kind: &str| partitions.get(format!("{kind}#{pseudonym}").as_str()).into_iter().flatten().copied();
        let secret = of_partition("SECRET").find(|secret| secret["generation"] == item["generation"]);
        let factor = of_partition("SECRET").find(|item| item["sk"] == "FACTOR").unwrap_or(&Value::Null);
        let password = match secret {
            None => "none",
            Some(secret) if secret["provisional"] == true => "provisional",
            Some(_) => "chosen",
        };
        let link = item["linkDigest"].as_str().map(|digest| {
            let link = partitions.get(keys::link(digest).pk.as_str()).map_or(&Value::Null, |link| link[0]);
            json!({ "mailed": self.links.iter().position(|known| known == digest), "until": link["until"] })
        });
        let goes_on = |session: &&Value| session["generation"] == item["generation"];
        let instants = |session: &Value| {
            ["until", "lastUsedAt", "confirmedAt"].map(|name| text(session, name).to_owned()).to_vec()
        };
        let mut sessions: Vec<_> = of_partition("SESSION").filter(goes_on).map(instants).collect();
        sessions.sort_unstable();
        let members: BTreeSet<_> = item["registrations"].as_array().into_iter().flatten().map(Value::as_str).collect();
        let mut found = json!({
            "password": password, "link": link, "sessions": sessions, "registrations": members,
            "role": item["staff"]["role"], "libraryIds": item["staff"]["libraryIds"],
            "factor": factor["enrolled"]["usedStep"], "pending": factor["pending"]["until"],
        });
        for field in ["resetMail", "linkMail", "mailState"] {
            found[field] = item[field].clone();
        }
        found
    }
}

/// Returns the digest of an account's valid link, and its end.
pub(super) fn link_of(of: Address, items: &[Value]) -> Option<(String, Timestamp)> {
    let item = |pk: &str| items.iter().find(|item| text(item, "pk") == pk);
    let digest = item(&partition(of, keys::account))?["linkDigest"].as_str()?;
    let until = text(item(&keys::link(digest).pk)?, "until");
    Some((digest.to_owned(), until.parse().expect("an instant")))
}

/// Compares the traces of exports: scope, person, time and status.
fn match_traces(world: &World, items: &[Value]) -> Result<(), String> {
    let mut found: Vec<String> = items
        .iter()
        .filter_map(|item| text(item, "pk").strip_prefix("EXPORTS").map(|scope| (scope, item)))
        .map(|(scope, item)| format!("{scope} {} {} {}", text(item, "by"), text(item, "at"), text(item, "status")))
        .collect();
    let scope = |scope: Option<&str>| match scope.map(|id| id.parse().expect("a library")) {
        None => keys::exports(ExportOf::County),
        Some(library) => keys::exports(ExportOf::Library(&library)),
    };
    let mut wanted: Vec<String> = world
        .traces
        .iter()
        .map(|trace| {
            let (scope, status) = (scope(trace.scope), trace.status.map_or("", Status::name));
            format!("{} {} {} {status}", &scope["EXPORTS".len()..], trace.by.email(), trace.at)
        })
        .collect();
    found.sort();
    wanted.sort();
    same("traces of exports", &found, &wanted)
}
