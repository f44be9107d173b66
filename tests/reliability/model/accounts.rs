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
}

impl Account {
    pub(crate) fn with(password: Password) -> Self {
        Self { password, reset_mail: None, link_mail: None, link: None, messages: Vec::new(), mark: None }
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
    /// The last request with it, to the minute, if staff opened it: then it ends when idle.
    pub(crate) last_used: Option<Timestamp>,
    /// Whether the session was ended before it expired.
    pub(crate) over: bool,
}

/// The count of failed sign-ins of an account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tries {
    /// The start of the current 24 hours.
    pub(crate) since: Timestamp,
    pub(crate) in_the_day: u32,
    pub(crate) in_a_row: u32,
    pub(crate) wait_until: Timestamp,
    /// The last announcement of a wait to the owner.
    pub(crate) announced: Option<Timestamp>,
}

impl World {
    /// Asks for a password link. Only three an hour are sent; the answer is always 202.
    pub(crate) fn ask_link(&mut self, of: Address) -> u16 {
        let (now, mail) = (self.now, self.mails.len());
        let Some(account) = self.accounts.get_mut(&of) else { return 202 };
        let asked = self.asked.entry(of).or_insert((now, 0));
        if now.duration_since(asked.0) >= HOUR {
            *asked = (now, 0);
        }
        if asked.1 < 3 {
            asked.1 += 1;
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
        *account = Account { messages: std::mem::take(&mut account.messages), ..Account::with(Password::None) };
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
        self.asked.entry(of).and_modify(|asked| asked.1 = asked.1.saturating_sub(1));
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
        if !free || !right {
            if free {
                self.announce_wait(of);
            }
            return (401, on_the_way);
        }
        if let Some(tries) = self.tries.get_mut(&of) {
            (tries.in_the_day, tries.in_a_row, tries.wait_until) = (tries.in_the_day.saturating_sub(1), 0, self.now);
        }
        on_the_way.push(self.clone());
        if matches!(known, Password::Provisional(_)) {
            self.ask_link(of);
            return (403, on_the_way);
        }
        self.open_session(of);
        (201, on_the_way)
    }

    /// Counts a try. Returns `false` if the account must wait: for a minute after 5 wrong passwords in a row, then
    /// doubling, and after 25 in a day for the rest of it.
    fn count_try(&mut self, of: Address) -> bool {
        let now = self.now;
        let fresh = Tries { since: now, in_the_day: 0, in_a_row: 0, wait_until: now, announced: None };
        let tries = self.tries.entry(of).or_insert(fresh);
        if now < tries.wait_until {
            return false;
        }
        if now.duration_since(tries.since) >= DAY {
            (tries.since, tries.in_the_day, tries.in_a_row) = (now, 0, 0);
        }
        (tries.in_the_day, tries.in_a_row) = (tries.in_the_day + 1, tries.in_a_row + 1);
        let minutes = tries.in_a_row.checked_sub(5).map_or(0, |more| 1 << more.min(11));
        tries.wait_until = now + SignedDuration::from_mins(minutes).min(DAY);
        if tries.in_the_day >= 25 {
            tries.wait_until = tries.wait_until.max(tries.since + DAY);
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
        let last_used = self.staff_of(of).map(|_| self.now);
        let hours = if last_used.is_some() { 12 } else { 24 };
        self.sessions.push(Session { of, until: self.now + HOUR * hours, last_used, over: false });
    }

    /// Returns whether a session is open: staff's ends an hour after its last request.
    pub(crate) fn is_signed_in(&self, session: usize) -> bool {
        self.sessions.get(session).is_some_and(|session| {
            let idle = session.last_used.is_some_and(|last| self.now.duration_since(last) >= HOUR);
            !session.over && self.now < session.until && !idle
        })
    }

    /// Notes that a request is sent with a session.
    pub(crate) fn use_session(&mut self, at: usize) {
        let minute = SignedDuration::from_mins(1);
        let due = self.sessions[at].last_used.is_some_and(|last| self.now.duration_since(last) >= minute);
        if due && self.is_signed_in(at) {
            self.sessions[at].last_used = Some(self.now);
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
