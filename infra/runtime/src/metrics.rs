//! Figures for `CloudWatch`, in its embedded metric format: one line of JSON on standard output, which the log's way to
//! `CloudWatch` turns into metrics. No call is made, and nothing is waited for. A line names nobody and nothing: its one
//! dimension is the service, which is the stack.
//!
//! The line is written past `tracing`, whose own JSON has fields of its own around what is logged: `CloudWatch` looks for
//! `_aws` at the top.

use std::{
    io::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Env, Misconfigured};

/// Where `CloudWatch` keeps them.
pub const NAMESPACE: &str = "PatronDesk";
/// Their only dimension.
pub const DIMENSION: &str = "Service";

/// What is counted, in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Registrations made.
    Registrations,
    /// Registrations activated.
    Activations,
    /// Registrations renewed.
    Renewals,
    /// Mails that SES took.
    MailsSent,
    /// Mails that had nobody to go to, or that SES will never take.
    MailsDropped,
    /// Tries to send that failed; their mails come again.
    MailsFailed,
    /// Mails that came back for good.
    MailsBounced,
    /// Mails that their reader called unwanted.
    MailsComplained,
    /// Registrations that the daily job found overdue: a state, not a sum.
    Overdue,
    /// Registrations of which a library was warned.
    Warned,
    /// Registrations of which the county was told.
    Escalated,
    /// Mails that the daily job re-drove.
    Redriven,
    /// Runs of the daily job that came to their end.
    EscalationRuns,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Registrations,
        Self::Activations,
        Self::Renewals,
        Self::MailsSent,
        Self::MailsDropped,
        Self::MailsFailed,
        Self::MailsBounced,
        Self::MailsComplained,
        Self::Overdue,
        Self::Warned,
        Self::Escalated,
        Self::Redriven,
        Self::EscalationRuns,
    ];

    /// Its name in `CloudWatch`.
    pub fn name(self) -> String {
        format!("{self:?}")
    }
}

/// Where the lines go.
#[derive(Debug, Clone, Default)]
pub enum Sink {
    /// Nobody looks at them.
    #[default]
    Nowhere,
    /// Standard output: a deployed function's.
    Stdout,
    /// Memory, for tests.
    Kept(Arc<Mutex<Vec<String>>>),
}

/// The metrics of one service. The default's go nowhere.
#[derive(Debug, Clone, Default)]
pub struct Metrics {
    service: String,
    sink: Sink,
}

impl Metrics {
    /// Of the service that `SERVICE` names.
    pub fn of_env(env: &Env, sink: Sink) -> Result<Self, Misconfigured> {
        Ok(Self { service: env.required("SERVICE")?.to_owned(), sink })
    }

    /// Counts one.
    pub fn count(&self, at: Timestamp, metric: Metric) {
        self.emit(at, &[(metric, 1)]);
    }

    /// Tells several at once.
    pub fn emit(&self, at: Timestamp, values: &[(Metric, usize)]) {
        match &self.sink {
            Sink::Nowhere => {}
            Sink::Stdout => {
                let line = format!("{}\n", self.line(at, values));
                // Whole, at once. A figure that is lost is no reason to fail.
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
