//! The list, one registration, and all that is known of it.

use edge::Code;
use serde_json::{Value, json};

use crate::{
    examples,
    operation::{Operation, Who::Staff},
};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const AWAY: &[Code] = &[Code::Unavailable];

pub(super) fn operations() -> Vec<Operation> {
    let of_one = [
        (
            "history",
            "readHistory",
            "Who did what when",
            "Names of fields, never contents.",
            "History",
            examples::history(),
        ),
        (
            "mails",
            "readMails",
            "What became of the last mails to the patron",
            "Newest first.",
            "Mails",
            examples::mails(),
        ),
        (
            "data",
            "readEverything",
            "Everything held on the person",
            "For whoever asks for it.",
            "Everything",
            examples::everything(),
        ),
    ];
    let of_one = of_one.into_iter().map(|(what, id, summary, says, schema, example)| {
        let route = match what {
            "history" => "GET /registrations/{id}/history",
            "mails" => "GET /registrations/{id}/mails",
            _ => "GET /registrations/{id}/data",
        };
        part(route, id, summary, schema, &example).says(says)
    });
    [page(), counts(), one(), export()].into_iter().chain(of_one).collect()
}

fn page() -> Operation {
    let example = json!({ "items": [examples::pending()], "next": null });
    Operation::new("GET /registrations", "listRegistrations", Staff, "\"Mes abonnés ressources numériques\"")
        .says("A librarian's own libraries; the whole county, for the county.")
        .takes(&["status", "ofLibrary", "q", "sort", "overdue", "limit", "cursor"])
        .answers(200, "A page.", "RegistrationPage", &example, &["Link"])
        .refuses(&[Code::InvalidParameter, Code::NotFound])
        .refuses(AWAY)
}

fn counts() -> Operation {
    let count = |status: &str, count: u32| json!({ "status": status, "count": count, "more": false });
    let items = [count("pending", 3), count("active", 41), count("expired", 7)];
    Operation::new("GET /registrations/counts", "countRegistrations", Staff, "How many of each status")
        .says("Of one library, of the caller's own, or of the county. Where `more` is true there are at least so many.")
        .takes(&["ofLibrary"])
        .answers(200, "Counted.", "Counts", &json!({ "items": items, "overdue": 1 }), &[])
        .refuses(&[Code::InvalidParameter, Code::NotFound])
        .refuses(AWAY)
}

fn one() -> Operation {
    let version = json!({ "id": "$response.body#/id", "If-Match": "$response.header.ETag" });
    part("GET /registrations/{id}", "readRegistration", "One registration", "Registration", &examples::pending())
        .says("Its `ETag` is the version that a change asks for. That it was read is noted, with the reader.")
        .answers(200, "As it is.", "Registration", &examples::pending(), &["ETag"])
        .leads_to(200, &[("correctRegistration", version)])
}

fn part(route: &'static str, id: &str, summary: &str, schema: &str, example: &Value) -> Operation {
    Operation::new(route, id, Staff, summary)
        .takes(&["registrationId"])
        .answers(200, "As it is.", schema, example, &[])
        .refuses(&[Code::NotFound])
        .refuses(AWAY)
}

fn export() -> Operation {
    let workbook = json!({ XLSX: { "schema": { "type": "string", "contentMediaType": XLSX } } });
    Operation::new("GET /registrations.xlsx", "exportRegistrations", Staff, "The Excel file")
        .says("All of the list, under its filters: dates are dates, numbers that are none are text, nothing is a formula.")
        .takes(&["status", "ofLibrary", "q", "sort", "overdue"])
        .answers_with(200, "The workbook.", Some(workbook), &["Content-Disposition"])
        .answers_with(303, "It is larger than an answer may be: for five minutes it is there.", None, &["Location"])
        .refuses(&[Code::InvalidParameter, Code::NotFound])
        .refuses(AWAY)
}
