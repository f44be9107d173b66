//! Checks that answers to readers show exactly what they may see, in its current state.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    driver::Driver,
    ops::{Op, RESOURCES, Status},
    people::{Address, Reach, Who},
    world::{Line, Record, Trace, World, email, last_name},
};
use crate::support::{
    Reply,
    workbook::{cell, open},
};

impl Driver {
    /// Checks the answer to a successful request.
    pub(crate) fn check_read(&self, op: &Op, reply: &Reply, world: &World) {
        match op {
            Op::Read { by, which } => {
                let (record, read) = (&world.records[*which], reply.json());
                assert!(world.reaches(*by, record.library), "{by:?} reads another library's: {read}");
                assert_eq!(seen(&read), shown_to(*by, world, record));
            }
            Op::Activate { by, which } | Op::Renew { by, which } | Op::Correct { by, which, .. } => {
                assert_eq!(seen(&reply.json()), shown_to(*by, world, &world.records[*which]));
            }
            Op::History { by, which } => {
                let record = &world.records[*which];
                assert!(world.reaches(*by, record.library), "{by:?} reads another library's history");
                check_history(record, reply, &world.traces);
            }
            Op::List { by, status } => {
                let items = reply.json()["items"].as_array().unwrap().clone();
                let strange = items.iter().find(|item| !world.reaches(*by, item["libraryId"].as_str().unwrap()));
                assert!(strange.is_none(), "{by:?} lists another library's: {strange:?}");
                let wanted = world.listed(*by, *status);
                let listed = items.iter().map(seen).collect();
                same_rows(listed, wanted.iter().map(|record| shown_to(*by, world, record)).collect());
                assert!(reply.column("lastName").is_sorted(), "by name");
            }
            Op::Export { by, status } => check_workbook(*by, *status, reply, world),
            Op::Me { nth } => check_me(world.sessions[self.opened(*nth)].of, &reply.json(), world),
            _ => {}
        }
    }
}

/// Checks `GET /me`: the account and the resources that it may open.
fn check_me(of: Address, me: &Value, world: &World) {
    assert_eq!(me["account"]["email"], of.email());
    match of {
        Address::Staff(who) => {
            let own = world.staff[&who].libraries().unwrap_or_default();
            let role = if world.staff[&who] == Reach::County { "county" } else { "librarian" };
            assert_eq!((&me["account"]["role"], &me["account"]["libraryIds"]), (&json!(role), &json!(own)));
        }
        Address::Patron(n) => {
            let record = world.records.iter().find(|record| record.email == n).expect("a patron's registration");
            assert_eq!(seen(&me["registration"]), shown(world, record));
            let opens = record.status(world.today()) == Status::Active && world.resources[record.resource];
            let access: Vec<&str> = opens.then(|| RESOURCES[record.resource].0).into_iter().collect();
            assert_eq!(me["access"], json!(access), "what the portal may open");
        }
    }
}

/// Reduces a registration in an answer to the fields compared here.
fn seen(item: &Value) -> Value {
    let fields = ["status", "libraryId", "lastName", "email", "town", "resources", "expiresOn", "mailState", "actions"];
    fields.into_iter().map(|field| (field.to_owned(), item[field].clone())).collect()
}

/// Returns the fields that staff should see: those of the patron, and the allowed actions.
fn shown_to(by: Who, world: &World, record: &Record) -> Value {
    let mut shown = shown(world, record);
    shown["actions"] = world.actions(by, record);
    shown
}

/// Returns the fields that the patron should see.
fn shown(world: &World, record: &Record) -> Value {
    json!({
        "status": record.status(world.today()).name(), "libraryId": record.library, "lastName": last_name(record.name),
        "email": email(record.email), "town": format!("Commune {}", record.town),
        "resources": [RESOURCES[record.resource].0], "expiresOn": record.expires_on,
        "mailState": world.accounts[&Address::Patron(record.email)].mark, "actions": null,
    })
}

fn same_rows(found: Vec<Value>, wanted: Vec<Value>) {
    let sorted = |rows: Vec<Value>| {
        let mut rows: Vec<String> = rows.iter().map(Value::to_string).collect();
        rows.sort();
        rows
    };
    assert_eq!(sorted(found), sorted(wanted));
}

/// Checks that the workbook has the rows of the list.
fn check_workbook(by: Who, status: Option<Status>, reply: &Reply, world: &World) {
    let sheet = open(reply);
    let row = |row: usize| json!([cell(&sheet, row, "E-mail"), cell(&sheet, row, "Statut"), cell(&sheet, row, "Nom")]);
    let found: Vec<Value> = (1..sheet.height()).map(row).collect();
    let wanted = world.listed(by, status);
    let line = |r: &&Record| json!([email(r.email), r.status(world.today()).in_french(), last_name(r.name)]);
    same_rows(found, wanted.iter().map(line).collect());
}

/// Checks the history: its lines in order, and the exports that contained this registration.
fn check_history(record: &Record, reply: &Reply, traces: &[Trace]) {
    let lines = reply.json()["items"].as_array().unwrap().clone();
    let (files, own): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(|line| line["action"] == "exported");
    let actions: Vec<&str> = own.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, record.lines.iter().map(|(action, ..)| *action).collect::<Vec<_>>(), "actions in order");
    for trace in traces.iter().filter(|trace| is_certain(trace, record)) {
        let shown = files.iter().filter(|line| line["by"] == trace.by.email() && line["at"] == json!(trace.at)).count();
        let of_it = traces.iter().filter(|other| (other.by, other.at) == (trace.by, trace.at));
        let held = of_it.filter(|other| other.held.contains(&record.number)).count();
        assert_eq!(shown, held, "{trace:?} in the history of {record:?}");
    }
    let made = |file: &&&Value| traces.iter().any(|trace| file["at"] == json!(trace.at));
    assert_eq!(files.iter().filter(made).count(), files.len(), "no file that nobody made");
}

/// Returns whether the history must show an export correctly. It need not if the clock was set back between a line and
/// the export. Nor must it for an export of one status, if a renewal or a same-day activation followed.
fn is_certain(trace: &Trace, record: &Record) -> bool {
    let day = |at: Timestamp| jiff::tz::get!("Europe/Paris").to_datetime(at).date();
    let (before, after) = record.lines.split_at(trace.lines.get(&record.number).copied().unwrap_or(0));
    let in_order = before.iter().all(|(.., at)| *at <= trace.at) && after.iter().all(|(.., at)| *at > trace.at);
    let outdates = |(action, _, at): &Line| match *action {
        "renewed" => true,
        "activated" => day(*at) == day(trace.at),
        _ => false,
    };
    in_order && (trace.status.is_none() || !after.iter().any(outdates))
}
