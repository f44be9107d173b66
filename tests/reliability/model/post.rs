//! Hands stream records to `deliver`, repeatedly, in any order and with faults, and checks the messages that go out.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::Value;

use super::{
    accounts::Link,
    driver::Driver,
    holders::link_of,
    ops::{PEOPLE, RESOURCES},
    table::post_of,
    world::{About, HOUR, Post, last_name},
};
use crate::support::{
    Fault, Meddling,
    engine::client,
    hands::{deliver_on, hand, record},
    meddled,
};
use runtime::{Aws, Secret};

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

/// The longest wait of a message for its next try.
const WAIT: SignedDuration = SignedDuration::from_mins(10);

/// A fault at the nth call of one connection.
#[derive(Clone)]
pub(crate) struct Countdown {
    fault: Option<Fault>,
    left: Arc<AtomicI64>,
}

impl Countdown {
    pub(crate) fn of(fault: Option<(i64, Fault)>) -> Self {
        let left = Arc::new(AtomicI64::new(fault.map_or(0, |(n, _)| n)));
        Self { fault: fault.map(|(_, fault)| fault), left }
    }

    pub(crate) fn on(&self, aws: Aws) -> Aws {
        let Self { fault, left } = self.clone();
        meddled(aws, move |request| {
            let strikes = left.fetch_sub(1, Ordering::SeqCst) == 1;
            fault.filter(|fault| strikes && fault.fits(request)).map_or(Meddling::Pass, Meddling::Fail)
        })
    }

    pub(crate) fn has_struck(&self) -> bool {
        self.fault.is_some() && self.left.load(Ordering::SeqCst) <= 0
    }
}

impl Driver {
    /// Hands over the records of these messages, given by their index in the world.
    pub(crate) async fn deliver(&mut self, picked: &[usize], fault: Option<(i64, Fault)>) {
        let records: Vec<Value> =
            picked.iter().enumerate().map(|(at, mail)| record(&self.names.mails[*mail], "MODIFY", at)).collect();
        let countdown = Countdown::of(fault);
        let deliver = deliver_on(&self.desk, |aws| countdown.on(aws));
        assert_eq!(hand(&deliver, &records).await, [""; 0], "what fails waits in the outbox");
        self.figures.mails += picked.len();
        self.check_post(picked, countdown.has_struck()).await;
    }

    /// Checks that exactly the messages that should go have gone, to the right recipients, and are recorded as sent.
    async fn check_post(&mut self, picked: &[usize], struck: bool) {
        let items = self.desk.items().await;
        let accepted = self.accepted().await;
        self.learn_links(&accepted[self.accepted..]);
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
            if let (About::Warning { .. }, Some((_, listed))) = (&self.world.mails[mail].about, &goes) {
                self.date_warnings(listed, now == Post::Sent, &items);
            }
            let may_wait = struck || self.world.now < self.world.mails[mail].held_until;
            let mut sent = None;
            match (now, &goes) {
                (Post::Unsent, _) => assert!(may_wait, "a mail was left: {item}"),
                (Post::Dropped, None) => {}
                (Post::Dropped, Some(_)) if self.world.may_be_given_up(mail) => {}
                (Post::Sent, Some((to, listed))) => {
                    let note = item["note"].as_str().unwrap();
                    sent = accepted.iter().find(|sent| sent["id"] == note);
                    self.check_mail(sent.expect("SES has what was noted"), mail, to, listed);
                    noted.insert(note.to_owned());
                    self.world.mails[mail].to = Some(to.clone());
                }
                (now, goes) => panic!("{now:?}, but it was to go to {goes:?}: {item}"),
            }
            self.note_link(mail, sent, struck, &items);
            self.world.mails[mail].post = now;
            if now == Post::Unsent && struck {
                self.world.mails[mail].held_until = self.world.now + WAIT;
                self.world.mails[mail].failed += 1;
            }
        }
        let new = accepted.len() - self.accepted;
        let repeated = new - noted.len();
        assert!(repeated <= usize::from(struck), "{repeated} mails went out unnoted without a fault");
        self.figures.repeated += repeated;
        self.figures.faults += usize::from(struck);
        self.accepted = accepted.len();
        self.names.matched(&self.world, &items).expect("a delivery changes nothing but its mails, and makes links");
    }

    /// Dates the warnings of a digest by its sending. A digest that failed may have been dated as well.
    fn date_warnings(&mut self, listed: &BTreeSet<usize>, sent: bool, items: &[Value]) {
        let late = self.world.warned_late(listed);
        let id = late.first().and_then(|number| self.names.id_of(*number)).map(|id| format!("REG#{id}"));
        let stored = items.iter().find(|item| id.as_deref() == item["pk"].as_str() && item["sk"] == "REG");
        if sent || stored.is_some_and(|item| item["warnedOn"] == *self.world.today().to_string()) {
            self.world.date_warnings(&late);
        }
    }

    /// Collects the links from new messages.
    fn learn_links(&mut self, new: &[Value]) {
        for token in new.iter().filter_map(link_in) {
            // A message is sent again with the same link if SES's acceptance was lost.
            if self.links.iter().all(|known| known != token) {
                self.names.links.push(Secret::new(token).digest());
                self.links.push(token.to_owned());
            }
        }
    }

    /// Records the link that is made when its message goes out. After a fault, the link may or may not have been made,
    /// and the message with it may or may not have got through.
    fn note_link(&mut self, mail: usize, sent: Option<&Value>, struck: bool, items: &[Value]) {
        let About::Link { of } = self.world.mails[mail].about else { return };
        let until = self.world.now + HOUR;
        let link = |mailed: Option<usize>| Some(Link { mailed, until });
        let Some(account) = self.world.accounts.get_mut(&of).filter(|account| account.reset_mail == Some(mail)) else {
            return;
        };
        if let Some(token) = sent.and_then(link_in) {
            account.link = link(self.links.iter().position(|known| known == token));
        } else if struck && let Some((made, end)) = link_of(of, items) {
            let mailed = self.names.links.iter().position(|known| *known == made);
            let same = Link { mailed, until: end };
            account.link = if account.link == Some(same) { account.link } else { link(mailed) };
        }
    }

    fn check_mail(&self, sent: &Value, mail: usize, to: &str, listed: &BTreeSet<usize>) {
        let about = &self.world.mails[mail].about;
        assert_eq!((&sent["kind"], &sent["to"]), (&about.kind().into(), &to.into()));
        let words: Vec<&str> = sent["text"].as_str().unwrap().split(|c: char| !c.is_alphanumeric()).collect();
        match about {
            About::Activation { number } => {
                let resource = self.world.by_number(*number).unwrap().resource;
                for (at, (_, name)) in RESOURCES.iter().enumerate() {
                    let offered = at == resource && self.world.resources[at];
                    assert_eq!(words.contains(name), offered, "{}", sent["text"]);
                }
            }
            About::Warning { .. } | About::Escalation { .. } => {
                let names: Vec<usize> =
                    listed.iter().map(|number| self.world.by_number(*number).unwrap().name).collect();
                for name in 0..PEOPLE {
                    let mentions = words.iter().filter(|word| word.eq_ignore_ascii_case(&last_name(name))).count();
                    assert_eq!(mentions, names.iter().filter(|other| **other == name).count(), "{}", sent["text"]);
                }
            }
            About::Link { of } | About::Chosen { of } | About::Waits { of } => {
                let named = words.iter().filter(|word| **word == "Camille").count();
                assert_eq!(named, self.world.members(*of).count(), "{}", sent["text"]);
            }
            About::Moved { .. } | About::Invited { .. } | About::Changed { .. } => {}
        }
    }

    /// Returns all messages that SES has accepted.
    async fn accepted(&self) -> Vec<Value> {
        let url = format!("{}/_local/mails", self.desk.local().ses_url());
        let answer = client().get(url).send().await.unwrap().text().await.unwrap();
        let mails: Value = serde_json::from_str(&answer).unwrap();
        mails["items"].as_array().unwrap().clone()
    }
}

/// Returns the token of the link in a message.
fn link_in(sent: &Value) -> Option<&str> {
    sent["text"].as_str()?.split("/portail/choisir-mon-mot-de-passe#").nth(1)?.split_whitespace().next()
}
