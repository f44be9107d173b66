//! The model's accounts: links, passwords, sessions, and waits after wrong passwords.

use jiff::{SignedDuration, Timestamp};

use super::{
    ops::Choice,
    people::Address,
    world::{About, HOUR, World},
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Password {
    None,
    /// Set by a librarian, until the patron chooses their own.
    Provisional(usize),
    Chosen(usize),
}

/// The one valid password link of an account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Link {
    /// Index into the links that arrived by e-mail; `None` if the message with the link did not get through.
    pub(crate) mailed: Option<usize>,
    pub(crate) until: Timestamp,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Account {
    pub(crate) password: Password,
    /// The message of the newest link asked for, until the link is used.
    pub(crate) reset_mail: Option<usize>,
    /// The message of the newest link asked for, used or not.
    pub(crate) link_mail: Option<usize>,
    pub(crate) link: Option<Link>,
    /// The last messages about the account, which are erased with it.
    pub(crate) messages: Vec<usize>,
    /// The reason why messages to the address are dropped: bounced or complained.
    pub(crate) mark: Option<&'static str>,
    /// The second factor, once it is enrolled.
    pub(crate) factor: Option<Factor>,
    /// The enrolment that waits: its app, and its end.
    pub(crate) pending: Option<(usize, Timestamp)>,
}

/// A second factor: the app, and the step of the last code that was used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Factor {
    /// Index into the apps of the driver.
    pub(crate) app: usize,
    pub(crate) used_step: i64,
}

impl Factor {
    /// Returns the second factor after its present code was used; `None` if a later code was used before.
    fn after(self, now: Timestamp) -> Option<Self> {
        let used_step = step(now);
        (used_step > self.used_step).then_some(Self { used_step, ..self })
    }
}

/// Returns the step of a code: 30 seconds.
fn step(now: Timestamp) -> i64 {
    now.as_second() / 30
}

impl Account {
    pub(crate) fn with(password: Password) -> Self {
        Self {
            password,
            reset_mail: None,
            link_mail: None,
            link: None,
            messages: Vec::new(),
            mark: None,
            factor: None,
            pending: None,
        }
    }

    /// Remembers a message. The desk remembers ten.
    pub(crate) fn remember(&mut self, mail: usize) {
        self.messages.push(mail);
        let first = self.messages.len().saturating_sub(10);
        self.messages.drain(..first);
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Session {
    pub(crate) of: Address,
    pub(crate) until: Timestamp,
    /// The last request with it, to the minute.
    pub(crate) last_used: Timestamp,
    /// Whether it ends when idle: staff opened it.
    pub(crate) ends_when_idle: bool,
    /// When the password was last given in it.
    pub(crate) confirmed: Timestamp,
    /// Whether it was opened with a second factor.
    pub(crate) with_factor: bool,
    /// Whether the session was ended before it expired.
    pub(crate) over: bool,
}

/// The failed sign-ins of an account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tries {
    pub(crate) wrong: Vec<Timestamp>,
    pub(crate) in_a_row: usize,
    pub(crate) wait_until: Timestamp,
    /// The last announcement of a wait to the owner.
    pub(crate) announced: Option<Timestamp>,
}

impl World {
    /// Asks for a password link. Only three an hour are sent; the answer is always 202.
    pub(crate) fn ask_link(&mut self, of: Address) -> u16 {
        let (now, mail) = (self.now, self.mails.len());
        let Some(account) = self.accounts.get_mut(&of) else { return 202 };
        let asked = self.asked.entry(of).or_default();
        let within: Vec<_> = asked.iter().copied().filter(|at| now.duration_since(*at) < HOUR).collect();
        if within.len() < 3 {
            *asked = [within, vec![now]].concat();
            (account.reset_mail, account.link_mail, account.link) = (Some(mail), Some(mail), None);
            account.remember(mail);
            self.write(About::Link { of });
        }
        202
    }

    /// Gives an account a higher place in the staff: it loses password, sessions, links and mark, and is sent a link.
    pub(crate) fn raise(&mut self, of: Address) {
        let mail = self.mails.len();
        let account = self.accounts.get_mut(&of).expect("an account");
        let Account { factor, pending, .. } = *account;
        let messages = std::mem::take(&mut account.messages);
        *account = Account { messages, factor, pending, ..Account::with(Password::None) };
        (account.reset_mail, account.link_mail) = (Some(mail), Some(mail));
        account.remember(mail);
        self.write(About::Link { of });
        self.end_sessions(of);
    }

    /// Follows a link. Returns the status.
    pub(crate) fn follow_link(&mut self, mailed: Option<usize>, choice: Choice) -> u16 {
        let (now, mail) = (self.now, self.mails.len());
        if matches!(choice, Choice::Look) {
            return 204;
        }
        let good = |link: Link| mailed.is_some() && link.mailed == mailed && now < link.until;
        let Some((of, account)) = self.accounts.iter_mut().find(|(_, account)| account.link.is_some_and(good)) else {
            return 404;
        };
        let Choice::Password(password) = choice else {
            return 422;
        };
        (account.password, account.reset_mail, account.link) = (Password::Chosen(password), None, None);
        account.remember(mail);
        let of = *of;
        self.asked.entry(of).and_modify(|asked| {
            asked.pop();
        });
        self.tries.remove(&of);
        self.end_sessions(of);
        self.write(About::Chosen { of });
        204
    }

    /// Signs in. Returns the status, and the world at each step on the way.
    pub(crate) fn sign_in(&mut self, of: Address, password: usize) -> (u16, Vec<Self>) {
        let mut on_the_way = Vec::new();
        let free = self.count_try(of);
        on_the_way.push(self.clone());
        let known = self.accounts.get(&of).map_or(Password::None, |account| account.password);
        let right = [Password::Chosen(password), Password::Provisional(password)].contains(&known);
        let factor = self.accounts.get(&of).and_then(|account| account.factor);
        let used = factor.and_then(|factor| factor.after(self.now));
        if !free || !right || used.is_none() && factor.is_some() {
            if free {
                self.announce_wait(of);
            }
            return (401, on_the_way);
        }
        if matches!(known, Password::Provisional(_)) {
            self.ask_link(of);
            return (403, on_the_way);
        }
        self.open_session(of);
        self.use_code(of, used);
        self.sessions.last_mut().expect("it was opened").with_factor = used.is_some();
        on_the_way.push(self.clone());
        if let Some(tries) = self.tries.get_mut(&of) {
            tries.wrong.pop();
            (tries.in_a_row, tries.wait_until) = (0, self.now);
        }
        (201, on_the_way)
    }

    fn use_code(&mut self, of: Address, used: Option<Factor>) {
        if let (Some(used), Some(account)) = (used, self.accounts.get_mut(&of)) {
            account.factor = Some(used);
        }
    }

    /// Gives the password again. Returns the status, and the world at each step on the way.
    pub(crate) fn confirm(&mut self, session: usize, password: usize) -> (u16, Vec<Self>) {
        let mut on_the_way = Vec::new();
        if !self.is_signed_in(session) {
            return (401, on_the_way);
        }
        let of = self.sessions[session].of;
        let free = self.count_try(of);
        on_the_way.push(self.clone());
        let account = &self.accounts[&of];
        let (right, factor) = (account.password == Password::Chosen(password), account.factor);
        let used = factor.and_then(|factor| factor.after(self.now));
        if !free {
            return (429, on_the_way);
        }
        if !right || used.is_none() && factor.is_some() {
            self.announce_wait(of);
            return (403, on_the_way);
        }
        self.sessions[session].confirmed = self.now;
        self.use_code(of, used);
        on_the_way.push(self.clone());
        if let Some(tries) = self.tries.get_mut(&of) {
            tries.wrong.pop();
            (tries.in_a_row, tries.wait_until) = (0, self.now);
        }
        (204, on_the_way)
    }

    /// Begins to enrol the app of this index.
    pub(crate) fn begin_enrolment(&mut self, session: usize, app: usize) -> u16 {
        if let Some(refused) = self.refused_factor(session, true) {
            return refused;
        }
        let (of, until) = (self.sessions[session].of, self.now + HOUR);
        self.accounts.get_mut(&of).expect("an account").pending = Some((app, until));
        200
    }

    /// Enrols the app whose enrolment waits. `sent` is the app whose code was sent.
    pub(crate) fn enrol(&mut self, session: usize, sent: Option<usize>) -> u16 {
        if let Some(refused) = self.refused_factor(session, false) {
            return refused;
        }
        let (of, now) = (self.sessions[session].of, self.now);
        let account = self.accounts.get_mut(&of).expect("an account");
        let Some((app, _)) = account.pending.filter(|(_, until)| now < *until) else { return 409 };
        if sent != Some(app) {
            return 422;
        }
        (account.factor, account.pending) = (Some(Factor { app, used_step: step(now) }), None);
        self.keep_only(session, true);
        200
    }

    pub(crate) fn take_factor_off(&mut self, session: usize) -> u16 {
        if let Some(refused) = self.refused_factor(session, true) {
            return refused;
        }
        let account = self.accounts.get_mut(&self.sessions[session].of).expect("an account");
        if account.factor.is_some() || account.pending.is_some() {
            (account.factor, account.pending) = (None, None);
            self.keep_only(session, false);
        }
        204
    }

    fn refused_factor(&self, session: usize, sensitive: bool) -> Option<u16> {
        if !self.is_signed_in(session) {
            return Some(401);
        }
        let of_staff = self.staff_of(self.sessions[session].of).is_some();
        (!of_staff || sensitive && !self.is_confirmed(session)).then_some(403)
    }

    /// Ends the other sessions of an account.
    fn keep_only(&mut self, session: usize, with_factor: bool) {
        self.end_sessions(self.sessions[session].of);
        (self.sessions[session].over, self.sessions[session].with_factor) = (false, with_factor);
    }

    /// Returns whether the password was given in a session within the last 15 minutes.
    pub(crate) fn is_confirmed(&self, session: usize) -> bool {
        self.now.duration_since(self.sessions[session].confirmed) < SignedDuration::from_mins(15)
    }

    pub(crate) fn sign_out_everywhere(&mut self, session: usize) -> u16 {
        if !self.is_signed_in(session) {
            return 401;
        }
        self.end_sessions(self.sessions[session].of);
        204
    }

    /// Counts a try. Returns `false` if the account must wait: for a minute after 5 wrong passwords in a row, then
    /// doubling, and after 25 in 24 hours until the oldest of them has left.
    fn count_try(&mut self, of: Address) -> bool {
        let now = self.now;
        let fresh = Tries { wrong: Vec::new(), in_a_row: 0, wait_until: now, announced: None };
        let tries = self.tries.entry(of).or_insert(fresh);
        if now < tries.wait_until {
            return false;
        }
        tries.wrong.retain(|at| now.duration_since(*at) < DAY);
        tries.wrong.push(now);
        tries.in_a_row = tries.wrong.len().min(tries.in_a_row + 1);
        let minutes = tries.in_a_row.checked_sub(5).map_or(0, |more| 1 << more.min(11));
        tries.wait_until = now + SignedDuration::from_mins(minutes).min(DAY);
        if tries.wrong.len() >= 25 {
            tries.wait_until = tries.wait_until.max(tries.wrong[0] + DAY);
        }
        true
    }

    /// Announces a wait that has begun to the owner of an account with a password, once in 24 hours.
    fn announce_wait(&mut self, of: Address) {
        let (now, mail) = (self.now, self.mails.len());
        let tries = self.tries.get_mut(&of).expect("a try was counted");
        let told = tries.announced.is_some_and(|at| now.duration_since(at) < DAY);
        if now >= tries.wait_until || told {
            return;
        }
        tries.announced = Some(now);
        if let Some(account) = self.accounts.get_mut(&of).filter(|account| account.password != Password::None) {
            account.remember(mail);
            self.write(About::Waits { of });
        }
    }

    pub(crate) fn open_session(&mut self, of: Address) {
        let (now, ends_when_idle) = (self.now, self.staff_of(of).is_some());
        let until = now + HOUR * if ends_when_idle { 12 } else { 24 };
        let (last_used, confirmed, with_factor, over) = (now, now, false, false);
        self.sessions.push(Session { of, until, last_used, ends_when_idle, confirmed, with_factor, over });
    }

    /// Returns whether a session is open: staff's ends an hour after its last request.
    pub(crate) fn is_signed_in(&self, session: usize) -> bool {
        self.sessions.get(session).is_some_and(|session| {
            let idle = session.ends_when_idle && self.now.duration_since(session.last_used) >= HOUR;
            !session.over && self.now < session.until && !idle
        })
    }

    /// Notes that a request is sent with a session.
    pub(crate) fn use_session(&mut self, at: usize) {
        let minute = SignedDuration::from_mins(1);
        let due = self.now.duration_since(self.sessions[at].last_used) >= minute;
        if due && self.is_signed_in(at) {
            self.sessions[at].last_used = self.now;
        }
    }

    pub(crate) fn sign_out(&mut self, session: usize) -> u16 {
        if !self.is_signed_in(session) {
            return 401;
        }
        self.sessions[session].over = true;
        204
    }

    pub(crate) fn end_sessions(&mut self, of: Address) {
        self.sessions.iter_mut().filter(|session| session.of == of).for_each(|session| session.over = true);
    }
}
