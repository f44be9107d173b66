//! Checks that answers to readers show exactly what they may see, in its current state.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    driver::Driver,
    ops::{Change, Op, RESOURCES, Status},
    people::{Address, Reach, Who},
    table::text,
    world::{Line, Record, Trace, World, last_name},
};
use crate::support::{
    Reply,
    workbook::{cell, open},
};

impl Driver {
    /// Checks the answer to a successful request.
    pub(crate) fn check_read(&self, op: &Op, reply: &Reply, world: &World) {
        match op {
            Op::Register { by, form, key } => {
                let known = key.and_then(|key| world.keys.get(&(*by, key))).filter(|known| known.body == *form);
                let record = known.map_or(world.records.last(), |known| world.by_number(known.number)).expect("one");
                self.check_one(*by, record, reply, world);
                assert_eq!(reply.json()["passwordIgnored"] == true, record.joined, "the account's password stays");
            }
            Op::Read { by, which }
            | Op::Activate { by, which }
            | Op::Renew { by, which }
            | Op::Correct { by, which, .. } => self.check_one(*by, &world.records[*which], reply, world),
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

    /// Checks the answer with one registration, which names the members of its household in the caller's libraries.
    fn check_one(&self, by: Who, record: &Record, reply: &Reply, world: &World) {
        let shown = reply.json();
        assert!(world.reaches(by, record.library), "{by:?} sees another library's: {shown}");
        assert_eq!(seen(&shown), shown_to(by, world, record));
        let named = shown["household"].as_array().into_iter().flatten();
        let named: BTreeSet<usize> = named.map(|other| self.names.records[text(other, "id")]).collect();
        let others = world.members(record.of).filter(|other| other.number != record.number);
        let reached = others.filter(|other| world.reaches(by, other.library)).map(|other| other.number).collect();
        assert_eq!(named, reached, "the household of {record:?} for {by:?}");
    }

    /// Checks why a person was refused in an account.
    pub(crate) fn check_refusal(&self, op: &Op, reply: &Reply) {
        let world = &self.world;
        let refused = match op {
            Op::Register { by, form, .. } => world.joining(*by, form.of, form.name, form.household),
            Op::Correct { by, which, change: Change::Email { of, household }, .. } => {
                world.joining(*by, *of, world.records[*which].name, *household)
            }
            Op::Correct { by, which, change: Change::Name(name), .. } => {
                world.renaming(*by, &world.records[*which], *name)
            }
            _ => return,
        };
        let (code, number) = refused.expect_err("a refusal");
        let answer = reply.json();
        assert_eq!(answer["type"], format!("urn:problem:{code}"), "{op:?}");
        assert_eq!(answer["id"].as_str(), number.and_then(|number| self.names.id_of(number)).map(String::as_str));
    }
}

/// Checks `GET /me`: the account, its registrations, and the resources that each of them and all together may open.
fn check_me(of: Address, me: &Value, world: &World) {
    let staff = world.staff_of(of);
    let members: Vec<&Record> = world.members(of).collect();
    let patron = (!members.is_empty()).then_some("patron");
    let roles: Vec<&str> = patron.into_iter().chain(staff.map(Reach::role)).collect();
    let own = staff.and_then(Reach::libraries).unwrap_or_default();
    let account = &me["account"];
    assert_eq!((&account["email"], &account["roles"]), (&json!(of.email()), &json!(roles)));
    assert_eq!(account["libraryIds"], json!(own));
    let opens = |record: &Record| -> BTreeSet<&str> {
        let open = record.status(world.today()) == Status::Active && world.resources[record.resource];
        open.then(|| RESOURCES[record.resource].0).into_iter().collect()
    };
    let with_access = |mut shown: Value, access: &Value| {
        shown["access"] = access.clone();
        shown
    };
    let found = me["registrations"].as_array().unwrap().iter().map(|own| with_access(seen(own), &own["access"]));
    let wanted = members.iter().map(|record| {
        let mut shown = shown(world, record);
        if members.len() > 1 {
            shown["town"] = Value::Null;
        }
        with_access(shown, &json!(opens(record)))
    });
    same_rows(found.collect(), wanted.collect());
    let all: BTreeSet<&str> = members.iter().flat_map(|record| opens(record)).collect();
    assert_eq!(me["access"], json!(all), "what the portal may open");
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
        "email": record.of.email(), "town": format!("Commune {}", record.town),
        "resources": [RESOURCES[record.resource].0], "expiresOn": record.expires_on,
        "mailState": world.mark(record.of), "actions": null,
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
    let line = |r: &&Record| json!([r.of.email(), r.status(world.today()).in_french(), last_name(r.name)]);
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
