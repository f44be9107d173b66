//! Routes under `/_local/` that no deployed function has: reading messages, setting the clock, running scheduled
//! functions.

use std::{collections::BTreeMap, sync::Arc};

use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use jiff::Timestamp;
use runtime::Clock;
use serde::{Deserialize, Deserializer};
use serde_json::json;

use crate::{
    Error,
    functions::Job,
    serving::{Reply, json as reply, problem},
    state::State,
    stream::Stream,
};

/// Path prefix of the local routes, which only this desk's own pages may call.
pub(crate) const PREFIX: &str = "/_local/";
/// Path of the messages that SES accepted.
pub(crate) const MAILS: &str = "/_local/mails";
const CLOCK: &str = "/_local/clock";
/// Path prefix for running a scheduled function by name.
const RUN: &str = "/_local/run/";

/// Everything that the local routes need.
pub(crate) struct Control {
    pub(crate) state: Arc<State>,
    pub(crate) clock: Clock,
    pub(crate) stream: Arc<Stream>,
    /// The scheduled functions, by name.
    pub(crate) jobs: BTreeMap<&'static str, Job>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Setting {
    /// Required; null makes the clock follow the system again.
    #[serde(deserialize_with = "instant")]
    now: Option<Timestamp>,
}

impl Control {
    pub(crate) async fn answer(&self, head: &Parts, body: &[u8]) -> Reply {
        match (&head.method, head.uri.path()) {
            (&Method::GET, MAILS) => {
                self.stream.drain_for().await;
                mails(&self.state)
            }
            (&Method::GET, CLOCK) => self.time(),
            (&Method::PUT, CLOCK) => self.set_clock(body).await,
            (method, path) if self.job(path).is_some() => match self.job(path) {
                Some(job) if method == Method::POST => self.run(job).await,
                _ => not_this_way("POST"),
            },
            (_, MAILS) => not_this_way("GET"),
            (_, CLOCK) => not_this_way("GET, PUT"),
            _ => problem(StatusCode::NOT_FOUND, "not-found", "Cette adresse locale n’existe pas."),
        }
    }

    fn job(&self, path: &str) -> Option<&Job> {
        self.jobs.get(path.strip_prefix(RUN)?)
    }

    fn time(&self) -> Reply {
        reply(StatusCode::OK, &json!({ "now": self.clock.now() }))
    }

    /// Sets the clock, after sending the messages that are due now: one queued at eight is not sent at nine.
    async fn set_clock(&self, body: &[u8]) -> Reply {
        let now = match serde_json::from_slice::<Setting>(body) {
            Ok(Setting { now }) if now.is_none_or(within_reason) => now,
            _ => {
                let detail = "Envoyez {\"now\": \"2026-11-24T08:00:00Z\"} (entre 2000 et 2100), ou {\"now\": null} pour \
                              revenir à l’heure réelle.";
                return problem(StatusCode::BAD_REQUEST, "invalid-clock", detail);
            }
        };
        self.stream.drain_for().await;
        if let Err(error) = self.state.set_clock(now) {
            return failed(&error);
        }
        self.clock.set(now);
        self.time()
    }

    /// Runs a scheduled function, then sends all messages that it queued.
    async fn run(&self, job: &Job) -> Reply {
        self.stream.drain_for().await;
        let report = job().await;
        self.stream.drain_for().await;
        match report {
            Ok(report) => reply(StatusCode::OK, &report),
            Err(why) => {
                tracing::error!(why, "a scheduled function failed; on AWS the scheduler would retry it");
                let detail = "L’exécution a échoué : le planificateur recommencerait. Le journal dit pourquoi.";
                problem(StatusCode::INTERNAL_SERVER_ERROR, "run-failed", detail)
            }
        }
    }
}

/// Returns all messages that SES accepted, oldest first.
pub(crate) fn mails(state: &State) -> Reply {
    match state.mails() {
        Ok(mails) => reply(StatusCode::OK, &json!({ "items": mails })),
        Err(error) => failed(&error),
    }
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    Option::deserialize(deserializer)
}

/// Returns whether the clock may be set to an instant: from 2000 to 2099, where no date computation overflows.
pub fn within_reason(now: Timestamp) -> bool {
    let year = jiff::tz::Offset::UTC.to_datetime(now).year();
    (2000..2100).contains(&year)
}

fn not_this_way(allowed: &'static str) -> Reply {
    let mut reply =
        problem(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Cette adresse locale s’utilise autrement.");
    reply.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allowed));
    reply
}

fn failed(error: &Error) -> Reply {
    tracing::error!(%error, "a local route failed");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Le serveur local a échoué : son journal dit pourquoi.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_takes_an_instant_or_null_and_nothing_else() {
        let read = |text: &str| serde_json::from_str::<Setting>(text).map(|setting| setting.now);
        assert_eq!(read("{\"now\": null}").unwrap(), None);
        let instant: Timestamp = "2026-11-24T08:00:00Z".parse().unwrap();
        assert_eq!(read("{\"now\": \"2026-11-24T09:00:00+01:00\"}").unwrap(), Some(instant));
        for wrong in ["{}", "{\"now\": \"demain\"}", "{\"now\": 3}", "{\"now\": null, \"then\": 1}", "", "[]"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(within_reason(instant) && !within_reason(Timestamp::MAX));
    }
}
