//! Metrics for `CloudWatch`, in its embedded metric format: one line of JSON on standard output, from which
//! `CloudWatch` Logs extracts the metrics. This needs no call and no waiting. The only dimension is the service, which
//! is the stack; a line contains no id and no personal data.
//!
//! The lines do not go through `tracing`, which puts its own JSON around a message: `CloudWatch` looks for `_aws` at
//! the top level.

use std::{
    io::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Env, Misconfigured};

/// The namespace of the metrics in `CloudWatch`.
pub const NAMESPACE: &str = "PatronDesk";
/// The only dimension of the metrics.
pub const DIMENSION: &str = "Service";

/// A metric. Its unit is the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Registrations created.
    Registrations,
    /// Registrations activated.
    Activations,
    /// Registrations renewed.
    Renewals,
    /// Registrations whose e-mail address was changed.
    AddressChanges,
    /// Messages that SES accepted.
    MailsSent,
    /// Messages that concern nobody any longer.
    MailsDropped,
    /// Messages that were not sent, and are not tried again.
    MailsGivenUp,
    /// Attempts to send that failed; the messages are sent again later.
    MailsFailed,
    /// Messages that bounced permanently.
    MailsBounced,
    /// Messages that their recipient marked as unwanted.
    MailsComplained,
    /// Registrations that the daily job found overdue: a level, not a sum.
    Overdue,
    /// Registrations about which a library was warned.
    Warned,
    /// Registrations that were escalated to the county.
    Escalated,
    /// Unsent messages that a run of the schedule tried again: a level, not a sum.
    Redriven,
    /// Completed runs of the daily job.
    EscalationRuns,
    /// Sessions opened.
    SignIns,
    /// Wrong sign-in attempts, and attempts of accounts that have to wait.
    SignInsRefused,
    /// Waits that began at an address, with or without an account.
    SignInWaits,
    /// Requests of signed-in callers that were refused: 403, 404 and 409.
    Refusals,
    /// Registrations and corrections that were refused because their address is another account's (requirements S18).
    AddressProbes,
    /// Stored rows that could not be decoded and were left out (requirements RE12). Each reading counts them again.
    UnreadableRows,
}

impl Metric {
    /// All metrics.
    pub const ALL: [Self; 21] = [
        Self::Registrations,
        Self::Activations,
        Self::Renewals,
        Self::AddressChanges,
        Self::MailsSent,
        Self::MailsDropped,
        Self::MailsGivenUp,
        Self::MailsFailed,
        Self::MailsBounced,
        Self::MailsComplained,
        Self::Overdue,
        Self::Warned,
        Self::Escalated,
        Self::Redriven,
        Self::EscalationRuns,
        Self::SignIns,
        Self::SignInsRefused,
        Self::SignInWaits,
        Self::Refusals,
        Self::AddressProbes,
        Self::UnreadableRows,
    ];

    /// Returns its name in `CloudWatch`.
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

/// The destination of the lines.
#[derive(Debug, Clone, Default)]
pub enum Sink {
    /// None: the lines are dropped.
    #[default]
    Nowhere,
    /// Standard output, for deployed functions.
    Stdout,
    /// Memory, for tests.
    Kept(Arc<Mutex<Vec<String>>>),
}

/// The metrics of one service. The default drops them.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    service: String,
    sink: Sink,
}

impl Metrics {
    /// Creates the metrics of the service that `SERVICE` names.
    ///
    /// # Errors
    /// [`Misconfigured`] if it is missing.
    pub fn of_env(env: &Env, sink: Sink) -> Result<Self, Misconfigured> {
        Ok(Self { service: env.required("SERVICE")?.to_owned(), sink })
    }

    /// Counts one event.
    pub fn count(&self, at: Timestamp, metric: Metric) {
        self.emit(at, &[(metric, 1)]);
    }

    /// Reports several values in one line.
    pub fn emit(&self, at: Timestamp, values: &[(Metric, usize)]) {
        match &self.sink {
            Sink::Nowhere => {}
            Sink::Stdout => {
                let line = format!("{}\n", self.line(at, values));
                // One write, so that lines do not mix. A lost metric is no reason to fail.
                let _ = std::io::stdout().lock().write_all(line.as_bytes());
            }
            Sink::Kept(lines) => {
                let line = self.line(at, values).to_string();
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        }
    }

    fn line(&self, at: Timestamp, values: &[(Metric, usize)]) -> Value {
        let metrics: Vec<Value> =
            values.iter().map(|(metric, _)| json!({ "Name": metric.name(), "Unit": "Count" })).collect();
        let directive = json!({ "Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics });
        let mut line = json!({
            "_aws": { "Timestamp": at.as_millisecond(), "CloudWatchMetrics": [directive] },
            DIMENSION: self.service,
        });
        for (metric, value) in values {
            line[metric.name()] = json!(value);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_follows_the_embedded_metric_format() {
        let lines = Arc::default();
        let env = Env::of([("SERVICE".to_owned(), "desk".to_owned())]);
        let metrics = Metrics::of_env(&env, Sink::Kept(Arc::clone(&lines))).unwrap();
        let at = "2026-11-24T08:00:00.123Z".parse().unwrap();
        metrics.emit(at, &[(Metric::Warned, 3), (Metric::Escalated, 0)]);
        let lines = lines.lock().unwrap();
        assert!(!lines[0].contains('\n'));
        let expected = json!({
            "_aws": {
                "Timestamp": 1_795_507_200_123_i64,
                "CloudWatchMetrics": [{
                    "Namespace": "PatronDesk",
                    "Dimensions": [["Service"]],
                    "Metrics": [{ "Name": "Warned", "Unit": "Count" }, { "Name": "Escalated", "Unit": "Count" }],
                }],
            },
            "Service": "desk", "Warned": 3, "Escalated": 0,
        });
        assert_eq!(serde_json::from_str::<Value>(&lines[0]).unwrap(), expected);
    }

    #[test]
    fn a_service_without_a_name_does_not_start() {
        assert!(Metrics::of_env(&Env::of([]), Sink::Nowhere).is_err());
    }
}
