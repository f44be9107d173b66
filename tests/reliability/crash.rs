//! RE2, by enumeration: the process dies right before and right after each call that `deliver` and `escalate` make, and
//! another process continues later. No message is lost, and no registration is warned of twice. A message is sent twice
//! only if the process died after SES accepted it and before that was recorded.

use domain::{Library, StaffRole};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    audit::{Audit, audit},
    fuse::at_each_crash_point,
};
use crate::support::{
    AUNEUIL, COUNTY, Desk, FLEURY, PASSWORD, Session, Wire,
    hands::{deliver_on, escalate_on, hand, record},
};

/// Opens a desk on which only the test delivers messages.
async fn desk_by_hand() -> (Desk, Session) {
    let desk = Desk::open_on(&Wire::without_deliver()).await;
    desk.seed_directory().await;
    let marie = desk.seed_staff("marie@fleury.example", StaffRole::Librarian, &[FLEURY]).await;
    (desk, marie)
}

/// Removes a library's e-mail address.
async fn silence(desk: &Desk, library: &str) {
    let id = library.parse().unwrap();
    let before = desk.store().library(&id).await.unwrap().expect("it is there");
    let silent = Library { email: None, ..before.content.clone() };
    desk.store().put_library(&silent, Some(&before), None).await.unwrap();
}

/// Writes one message of a kind. Returns its recipient.
async fn write_one(desk: &Desk, marie: &Session, kind: &str) -> &'static str {
    let camille = "camille@orange.example";
    let path = format!("/registrations/{}", desk.seed_registration(FLEURY, camille, "Exemple").await);
    match kind {
        "activation" => drop(desk.act(&format!("{path}/activation"), marie).await.expect(200)),
        "password-link" => desk.store().ask_reset(&camille.parse().unwrap(), "0a", desk.now()).await.unwrap(),
        "email-changed" => {
            drop(desk.patch(&path, marie, "*", &json!({ "email": "nouvelle@orange.example" })).await.expect(200));
        }
        digest => {
            if digest == "county-digest" {
                silence(desk, FLEURY).await;
            }
            desk.pass_days(8).await;
            desk.escalate().await;
            return if digest == "county-digest" { COUNTY } else { "fleury@oise.example" };
        }
    }
    camille
}

/// Returns whether the process died after SES accepted a message and before it recorded that.
fn between_acceptance_and_note(done: &[String]) -> bool {
    done.last().is_some_and(|last| last == "SendEmail")
}

#[tokio::test]
async fn re2_deliver_dies_at_each_step_and_repeats_only_unnoted_mails() {
    let (mut points, mut repeats) = (0, 0);
    for kind in ["activation", "password-link", "email-changed", "library-digest", "county-digest"] {
        points += Box::pin(at_each_crash_point(async |fuse| {
            let (desk, marie) = desk_by_hand().await;
            let to = write_one(&desk, &marie, kind).await;
            let [mail] = &desk.outbox().await[..] else { panic!("one mail") };
            let records = [record(mail, "INSERT", 1)];
            let deliver = deliver_on(&desk, |aws| fuse.lay(aws));
            let died = fuse.burn(Box::pin(hand(&deliver, &records))).await;
            // A second delivery at once may find the message leased; 91 seconds later the lease is over.
            let at_once = hand(&deliver_on(&desk, |aws| aws), &records).await;
            desk.pass(SignedDuration::from_secs(91)).await;
            assert_eq!(desk.deliver_all().await, [""; 0], "at once: {at_once:?}");
            let repeated = died && between_acceptance_and_note(&fuse.done());
            assert_eq!(desk.mails_to(to, kind).await.len(), 1 + usize::from(repeated), "{kind}: {:?}", fuse.done());
            let items = desk.items().await;
            audit(&items);
            assert_eq!(Audit::of(&items).outbox(), [format!("{kind} sent")]);
            if kind == "password-link" {
                let newest = desk.link_token(to).await;
                let choice = json!({ "password": PASSWORD });
                desk.open_put(&format!("/password-resets/{newest}"), &choice).await.expect(204);
            }
            repeats += usize::from(repeated);
            died
        }))
        .await;
    }
    println!("RE2: deliver died at {points} points, and repeated a mail at {repeats} of them");
    assert!(points >= 50, "{points} points");
    assert_eq!(repeats, 2 * 5, "after SES's answer and before the note, which is the same moment, for each kind");
}

/// Makes registrations overdue: more than one transaction can mark at Fleury, and one at a library without an address.
/// Leaves one unsent activation message as well. Returns the overdue names.
async fn overdue(desk: &Desk, marie: &Session) -> Vec<String> {
    silence(desk, AUNEUIL).await;
    let waiting = desk.seed_registration(FLEURY, "active@orange.example", "Active").await;
    desk.act(&format!("/registrations/{waiting}/activation"), marie).await.expect(200);
    let mut names = Vec::new();
    for n in 0..=store::MARKS {
        let library = if n == 0 { AUNEUIL } else { FLEURY };
        let name = format!("Retard{}", char::from(b'A' + u8::try_from(n % 26).unwrap()).to_string().repeat(1 + n / 26));
        desk.seed_registration(library, &format!("r{n}@orange.example"), &name).await;
        names.push(name);
    }
    desk.seed_registration(FLEURY, "dernier@orange.example", "Dernier").await;
    names.push("Dernier".to_owned());
    desk.pass_days(8).await;
    names
}

/// Counts how often each name appears in the messages of these kinds.
async fn mentions(desk: &Desk, kinds: &[&str], names: &[String]) -> Vec<usize> {
    let mails: Vec<Value> = desk.mails().await;
    let texts: Vec<&str> = mails
        .iter()
        .filter(|mail| kinds.iter().any(|k| mail["kind"] == *k))
        .filter_map(|m| m["text"].as_str())
        .collect();
    let words: Vec<&str> = texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).collect();
    names.iter().map(|name| words.iter().filter(|word| word.eq_ignore_ascii_case(name)).count()).collect()
}

#[tokio::test]
async fn re2_escalate_dies_at_each_step_and_lists_everybody_once() {
    let points = at_each_crash_point(async |fuse| {
        let (desk, marie) = desk_by_hand().await;
        let names = overdue(&desk, &marie).await;
        let died = fuse.burn(escalate_on(&desk, |aws| fuse.lay(aws)).run()).await;
        audit(&desk.items().await);
        // The scheduler invokes the job again at once, and the next day.
        escalate_on(&desk, |aws| aws).run().await.unwrap();
        // By then a draft's job must have ended.
        desk.pass(store::DRAFT).await;
        assert_eq!(desk.deliver_all().await, [""; 0]);
        desk.pass_days(1).await;
        escalate_on(&desk, |aws| aws).run().await.unwrap();
        assert_eq!(desk.deliver_all().await, [""; 0]);
        assert_eq!(mentions(&desk, &["library-digest", "county-digest"], &names).await, vec![1; names.len()]);
        // It runs once more after the grace period, for all but the registration that went straight to the county.
        desk.pass_days(1).await;
        let report = escalate_on(&desk, |aws| aws).run().await.unwrap();
        assert_eq!((report.warned, report.escalated), (0, names.len() - 1));
        assert_eq!(desk.deliver_all().await, [""; 0]);
        assert_eq!(mentions(&desk, &["county-digest"], &names).await, vec![1; names.len()]);
        let items = desk.items().await;
        audit(&items);
        assert!(Audit::of(&items).outbox().iter().all(|mail| mail.ends_with(" sent")));
        died
    })
    .await;
    println!("RE2: escalate died at {points} points");
    assert!(points >= 16, "{points} points");
}
