//! Writes the demonstration to the table, sixteen writes at a time. None of them queues a message.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use domain::{
    Email, Library, Resource,
    password::{Known, Password},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use hashing::{Hasher, Verdict};
use runtime::Ids;
use store::{Change, Creation, Credentials, Holder, Holding, Raising, Saved, StaffChange, Store, Versioned};

use crate::{Error, patrons::Patron, staff::DemoMember};

/// Maximum number of concurrent writes.
const AT_A_TIME: usize = 16;
/// Interval between progress lines, and the delay before the first.
const INTERVAL: Duration = Duration::from_secs(1);

/// Writes the libraries and resources that are not stored yet. Stored ones may have been corrected and are kept.
pub(crate) async fn directory(
    store: &Store,
    mut libraries: Vec<Library>,
    mut resources: Vec<Resource>,
) -> Result<(), Error> {
    let library_ids: Vec<_> = libraries.iter().map(|library| library.id.clone()).collect();
    let resource_ids: Vec<_> = resources.iter().map(|resource| resource.id.clone()).collect();
    let there = store.catalog(&library_ids, &resource_ids).await?;
    libraries.retain(|library| !there.libraries.contains_key(&library.id));
    resources.retain(|resource| !there.resources.contains_key(&resource.id));
    let put = libraries.into_iter().map(|library| async move { store.put_library(&library, None, None).await });
    stream::iter(put).buffer_unordered(AT_A_TIME).try_for_each(|_| async { Ok(()) }).await?;
    let put = resources.into_iter().map(|resource| async move { store.put_resource(&resource, None, None).await });
    stream::iter(put).buffer_unordered(AT_A_TIME).try_for_each(|_| async { Ok(()) }).await?;
    Ok(())
}

/// Creates the registrations and applies the steps of each.
pub(crate) async fn patrons(
    store: &Store,
    ids: &Ids,
    patrons: Vec<(Patron, Option<Credentials>)>,
    mut progress: Progress,
) -> Result<(), Error> {
    // Generated here in order, since counted ids depend on it; the writes below are concurrent.
    let patrons: Vec<_> = patrons.into_iter().map(|(patron, secret)| (patron, secret, ids.id())).collect();
    let writes = patrons.into_iter().map(|(patron, secret, generation)| written(store, patron, secret, generation));
    let mut writes = stream::iter(writes).buffer_unordered(AT_A_TIME);
    while let Some(done) = writes.next().await {
        done?;
        progress.step();
    }
    Ok(())
}

/// Writes one registration and its steps, or only the steps that an earlier, interrupted load did not write.
async fn written(
    store: &Store,
    patron: Patron,
    credentials: Option<Credentials>,
    generation: String,
) -> Result<(), Error> {
    let created = store.create(&patron.made, &Holder::New { credentials, generation }, None).await;
    let mut before = match created {
        Ok(Creation::Done) => Versioned::made(patron.made),
        Ok(_) | Err(store::Error::Lost(_)) => match store.registration(&patron.made.id).await? {
            Some(there) => there,
            None => return Ok(()),
        },
        Err(error) => return Err(error.into()),
    };
    for (number, step) in (1_u64..).zip(patron.steps) {
        if number < before.version {
            continue;
        }
        let (after, line) = (step.after, step.line);
        let change = Change { before: &before, after, line, messages: Vec::new(), holding: Holding::Same };
        match store.save(change).await? {
            Saved::Done(saved) => before = saved,
            Saved::Stale => return Ok(()),
        }
    }
    Ok(())
}

/// Adds a staff account unless it exists. Returns whether the demonstration's password opens the account.
pub(crate) async fn member(store: &Store, hasher: &Hasher, ids: &Ids, member: &DemoMember) -> Result<bool, Error> {
    let email = &member.member.email;
    if store.account(email).await?.is_some() {
        return opens(store, hasher, email, member.password).await;
    }
    let (credentials, generation) = (credentials(hasher, ids, member.password)?, ids.id());
    let opening = Raising { generation: &generation, credentials: Some(&credentials) };
    Ok(store.put_staff(None, None, &member.member, opening, None).await? != StaffChange::Stale)
}

/// Hashes a password for storage, as one that the account's holder has chosen.
pub(crate) fn credentials(hasher: &Hasher, ids: &Ids, password: &str) -> Result<Credentials, Error> {
    let password = Password::chosen(password, &Known::default())?;
    Ok(Credentials { password_hash: hasher.hash(&password, ids)?, provisional: false })
}

/// Returns whether a password opens the account.
pub(crate) async fn opens(store: &Store, hasher: &Hasher, email: &Email, password: &str) -> Result<bool, Error> {
    let Some(Credentials { password_hash, .. }) = store.credentials(email).await? else { return Ok(false) };
    Ok(hasher.verify(Password::tried(password).as_ref(), Some(&password_hash))? != Verdict::Wrong)
}

/// Reports progress on stderr, once a second.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    reported: Duration,
    done: usize,
    all: usize,
}

impl Progress {
    /// Starts the progress report of a load of `all` patrons.
    pub(crate) fn of(all: usize) -> Self {
        Self { started: Instant::now(), reported: Duration::ZERO, done: 0, all }
    }

    fn step(&mut self) {
        self.done += 1;
        let elapsed = self.started.elapsed();
        if elapsed >= self.reported + INTERVAL {
            self.reported = elapsed;
            let line = format!("demonstration: {} of {} patrons\n", self.done, self.all);
            if std::io::stderr().write_all(line.as_bytes()).is_err() {
                tracing::debug!("stderr has no reader");
            }
        }
    }
}
