//! Stream records are handed to `deliver`: again, in any order, over a wire with a fault in it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;

use super::{
    driver::Driver,
    table::post_of,
    world::{Post, last_name},
};
use crate::{
    reliability::hands::{deliver_on, hand, record},
    support::{Fault, Meddling, meddled},
};

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// How long a claim holds.
const CLAIM: SignedDuration = SignedDuration::from_secs(90);

impl Driver {
    /// Hands over the records of these mails, by the world's order.
    pub(crate) async fn deliver(&mut self, picked: &[usize], fault: Option<(i64, Fault)>) {
        let records: Vec<Value> =
            picked.iter().enumerate().map(|(at, mail)| record(&self.names.mails[*mail], "MODIFY", at)).collect();
        let left = Arc::new(AtomicI64::new(fault.map_or(0, |(n, _)| n)));
        let countdown = Arc::clone(&left);
        let deliver = deliver_on(&self.desk, |aws| {
            meddled(aws, move |request| {
                let strikes = countdown.fetch_sub(1, Ordering::SeqCst) == 1;
                let fault = fault.map(|(_, fault)| fault).filter(|fault| strikes && fault.fits(request));
                fault.map_or(Meddling::Pass, Meddling::Fail)
            })
        });
        let again = hand(&deliver, &records).await;
        let struck = fault.is_some() && left.load(Ordering::SeqCst) < 0;
        self.figures.mails += picked.len();
        self.check_post(picked, &again, struck).await;
    }

    /// Each mail that could go has gone, to whom it should, and is noted; none has gone that should not.
    async fn check_post(&mut self, picked: &[usize], again: &[String], struck: bool) {
        let items = self.desk.items().await;
        let accepted = self.accepted().await;
        let mut noted = BTreeSet::new();
        let handed: BTreeSet<usize> = picked.iter().copied().collect();
        for mail in handed {
            let item = items.iter().find(|item| item["pk"] == format!("MAIL#{}", self.names.mails[mail]));
            let Some(item) = item else {
                assert_eq!(self.world.mails[mail].post, Post::Gone);
                continue;
            };
            let (was, now) = (self.world.mails[mail].post, post_of(item));
            if was != Post::Unsent {
                assert_eq!(now, was, "what is closed stays closed");
                continue;
            }
            let goes = self.world.goes_out(mail);
            let may_wait = struck || self.world.now < self.world.mails[mail].held_until;
            match (now, &goes) {
                (Post::Unsent, _) => assert!(may_wait && !again.is_empty(), "a mail was left: {item}"),
                (Post::Dropped, None) => {}
                (Post::Sent, Some((to, listed))) => {
                    let note = item["note"].as_str().unwrap();
                    let sent = accepted.iter().find(|sent| sent["id"] == note).expect("SES has what was noted");
                    self.check_mail(sent, self.world.mails[mail].about.kind(), to, listed);
                    noted.insert(note.to_owned());
                }
                (now, goes) => panic!("{now:?}, but it was to go to {goes:?}: {item}"),
            }
            self.world.mails[mail].post = now;
            if now == Post::Unsent && struck {
                self.world.mails[mail].held_until = self.world.now + CLAIM;
            }
        }
        let new = accepted.len() - self.accepted;
        let repeated = new - noted.len();
        assert!(repeated <= usize::from(struck), "{repeated} mails went out unnoted without a fault");
        self.figures.repeated += repeated;
        self.figures.faults += usize::from(struck);
        self.accepted = accepted.len();
        self.names.matched(&self.world, &items).expect("a delivery changes nothing but its mails");
    }

    fn check_mail(&self, sent: &Value, kind: &str, to: &str, listed: &BTreeSet<usize>) {
        assert_eq!((&sent["kind"], &sent["to"]), (&kind.into(), &to.into()));
        if !kind.ends_with("-digest") {
            return;
        }
        let names: Vec<usize> = listed.iter().map(|number| self.world.by_number(*number).unwrap().name).collect();
        let words: Vec<&str> = sent["text"].as_str().unwrap().split(|c: char| !c.is_alphanumeric()).collect();
        for name in 0..6 {
            let told = words.iter().filter(|word| word.eq_ignore_ascii_case(&last_name(name))).count();
            assert_eq!(told, names.iter().filter(|other| **other == name).count(), "{}", sent["text"]);
        }
    }

    /// All mails that SES has accepted.
    async fn accepted(&self) -> Vec<Value> {
        let url = format!("{}/_local/mails", self.desk.portal().ses_url());
        let answer = reqwest::get(url).await.unwrap().text().await.unwrap();
        let mails: Value = serde_json::from_str(&answer).unwrap();
        mails["items"].as_array().unwrap().clone()
    }
}
