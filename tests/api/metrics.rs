//! Checks the metrics that the functions emit for `CloudWatch` against those that dashboard and alarms use.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use runtime::Metric;
use serde_json::{Value, json};

use crate::support::{Desk, Reply, camille, with};

/// Returns the sum of each metric so far, after the messages are sent. Fails if a line does not follow the format.
async fn sums(desk: &Desk) -> BTreeMap<String, u64> {
    desk.mails().await;
    let mut sums = BTreeMap::new();
    for line in desk.emitted() {
        let line: Value = serde_json::from_str(&line).expect("one line, one document");
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().expect("directives");
        assert!(line["_aws"]["Timestamp"].as_i64().is_some_and(|at| at > 1_700_000_000_000), "in milliseconds");
        let [directive] = &directives[..] else { panic!("one directive: {line}") };
        assert_eq!((&directive["Namespace"], &directive["Dimensions"]), (&json!("PatronDesk"), &json!([["Service"]])));
        let mut told: BTreeSet<&str> = ["_aws", "Service"].into();
        for metric in directive["Metrics"].as_array().expect("metrics") {
            assert_eq!(metric["Unit"], "Count");
            let name = metric["Name"].as_str().expect("a name");
            told.insert(name);
            *sums.entry(name.to_owned()).or_default() += line[name].as_u64().expect("a number");
        }
        assert_eq!(line.as_object().unwrap().keys().map(String::as_str).collect::<BTreeSet<_>>(), told);
        assert!(line["Service"].as_str().is_some_and(|service| !service.is_empty()));
    }
    sums
}

fn since(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let grown = after.iter().map(|(name, sum)| (name.clone(), sum - before.get(name).unwrap_or(&0)));
    grown.filter(|(_, more)| *more > 0).collect()
}

fn figures<const N: usize>(figures: [(Metric, u64); N]) -> BTreeMap<String, u64> {
    figures.into_iter().map(|(metric, value)| (metric.name(), value)).collect()
}

#[tokio::test]
async fn what_is_done_at_the_desk_is_counted_once() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let before = sums(&desk).await;
    for status in [201, 201] {
        let twice = desk.request(reqwest::Method::POST, "/registrations").bearer_auth(&marie.token);
        Reply::of(twice.header("Idempotency-Key", "k").json(&camille())).await.expect(status);
    }
    desk.post("/registrations", &marie, &camille()).await.expect(409);
    let (id, _) = desk.register(&marie, "autre@orange.example").await;
    assert_eq!(since(&before, &sums(&desk).await), figures([(Metric::Registrations, 2), (Metric::Refusals, 1)]));
    let before = sums(&desk).await;
    let path = format!("/registrations/{id}");
    for _ in 0..2 {
        desk.act(&format!("{path}/activation"), &marie).await.expect(200);
    }
    desk.act(&format!("{path}/renewal"), &marie).await.problem(409, "renewal-too-early");
    let told = figures([(Metric::Activations, 1), (Metric::MailsSent, 1), (Metric::Refusals, 1)]);
    assert_eq!(since(&before, &sums(&desk).await), told);
    desk.pass_days(365).await;
    let marie = desk.sign_in(&marie.email).await;
    let before = sums(&desk).await;
    desk.act(&format!("{path}/renewal"), &marie).await.expect(200);
    assert_eq!(since(&before, &sums(&desk).await), figures([(Metric::Renewals, 1)]));
}

#[tokio::test]
async fn what_becomes_of_mails_is_counted() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    let before = sums(&desk).await;
    for email in ["camille@rebond.example", "complaint@simulator.amazonses.com"] {
        let (id, _) = desk.register(&marie, email).await;
        desk.act(&format!("/registrations/{id}/activation"), &marie).await.expect(200);
    }
    let told = since(&before, &sums(&desk).await);
    assert_eq!((told["MailsSent"], told["MailsBounced"], told["MailsComplained"]), (2, 1, 1));
    let before = sums(&desk).await;
    desk.open_post("/password-resets", &json!({ "email": "camille@rebond.example" })).await.expect(202);
    assert_eq!(since(&before, &sums(&desk).await), figures([(Metric::MailsDropped, 1)]));
    wire.cut_ses(true);
    desk.open_post("/password-resets", &json!({ "email": marie.email })).await.expect(202);
    assert!(sums(&desk).await["MailsFailed"] >= 1);
}

#[tokio::test]
async fn section_4_the_daily_job_emits_all_its_metrics() {
    let (wire, desk) = Desk::open_on_a_wire().await;
    let (_, marie) = desk.staffed().await;
    desk.escalate().await;
    let told = sums(&desk).await;
    let nothing = ["Overdue", "Warned", "Escalated"].map(|name| told[name]);
    assert_eq!((told["EscalationRuns"], nothing), (1, [0; 3]), "nothing to do is told too");
    desk.register_as(&marie, &with(camille(), "email", "a@orange.example")).await;
    desk.pass_days(8).await;
    wire.cut_ses(true);
    let before = sums(&desk).await;
    desk.escalate().await;
    let mut told = since(&before, &sums(&desk).await);
    told.remove("MailsFailed");
    assert_eq!(told, figures([(Metric::EscalationRuns, 1), (Metric::Overdue, 1), (Metric::Warned, 1)]));
    wire.cut_ses(false);
    desk.pass(SignedDuration::from_hours(48)).await;
    let before = sums(&desk).await;
    desk.escalate().await;
    let told = since(&before, &sums(&desk).await);
    assert_eq!((told["EscalationRuns"], told["Overdue"], told["Escalated"]), (1, 1, 1));
}
