//! Operations that read the list, one registration, and all data of it.

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
            "The history of a registration",
            "Contains names of changed fields, never their values.",
            "History",
            examples::history(),
        ),
        (
            "mails",
            "readMails",
            "Delivery of the latest messages to the patron",
            "Sorted newest first.",
            "Mails",
            examples::mails(),
        ),
        (
            "data",
            "readEverything",
            "All personal data of a patron",
            "For a patron's request of access to their data.",
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
        .says("Registrations of a librarian's own libraries, or of the whole county for the county.")
        .takes(&["status", "ofLibrary", "q", "sort", "overdue", "limit", "cursor"])
        .answers(200, "A page of registrations.", "RegistrationPage", &example, &["Link"])
        .refuses(&[Code::NotFound])
        .refuses(AWAY)
}

fn counts() -> Operation {
    let count = |status: &str, count: u32| json!({ "status": status, "count": count, "more": false });
    let items = [count("pending", 3), count("active", 41), count("expired", 7)];
    Operation::new("GET /registrations/counts", "countRegistrations", Staff, "Number of registrations per status")
        .says("Counts one library, the caller's libraries, or the county. If `more` is true, `count` is a lower bound.")
        .takes(&["ofLibrary"])
        .answers(
            200,
            "The numbers.",
            "Counts",
            &json!({ "items": items, "overdue": { "count": 1, "more": false } }),
            &[],
        )
        .refuses(&[Code::NotFound])
        .refuses(AWAY)
}

fn one() -> Operation {
    let version = json!({ "id": "$response.body#/id", "If-Match": "$response.header.ETag" });
    part("GET /registrations/{id}", "readRegistration", "One registration", "Registration", &examples::pending())
        .says("The `ETag` is the version for later changes. The access is logged with the caller.")
        .answers(200, "The registration.", "Registration", &examples::pending(), &["ETag"])
        .leads_to(200, &[("correctRegistration", version)])
}

fn part(route: &'static str, id: &str, summary: &str, schema: &str, example: &Value) -> Operation {
    Operation::new(route, id, Staff, summary)
        .takes(&["registrationId"])
        .answers(200, "The data.", schema, example, &[])
        .refuses(&[Code::NotFound, Code::Unreadable])
        .refuses(AWAY)
}

fn export() -> Operation {
    let workbook = json!({ XLSX: { "schema": { "type": "string", "contentMediaType": XLSX } } });
    Operation::new("GET /registrations.xlsx", "exportRegistrations", Staff, "The Excel file")
        .says("The whole filtered list. Dates are dates, phone and card numbers are text, nothing is a formula.")
        .takes(&["status", "ofLibrary", "q", "sort", "overdue"])
        .answers_with(200, "The workbook.", Some(workbook), &["Content-Disposition"])
        .answers_with(303, "The file is too large for an answer. The URL is valid for 5 minutes.", None, &["Location"])
        .refuses(&[Code::ConfirmationNeeded, Code::NotFound])
        .refuses(AWAY)
}
