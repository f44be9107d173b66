//! What Lambda's event source mapping does with a batch of stream records after it has called the function.
//!
//! | Answer | Then |
//! |---|---|
//! | no failures | the next batch |
//! | failures (`ReportBatchItemFailures`) | again from the first failed record on, whatever else succeeded after it |
//! | the function failed, or named an unknown record | two halves one after the other (`BisectBatchOnFunctionError`), which is no retry; one record, or without the setting, the same again |
//! | more retries than `MaximumRetryAttempts` | the records go to the failure queue, and the next batch follows |
//!
//! Until a batch is done or given up, no later record of its shard is handed over. A record's age and the waits between
//! retries are not imitated.

use serde_json::Value;

use crate::template::Subscription;

/// Records that are handed over together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) records: Vec<Value>,
    retries: u32,
}

/// The function's answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// The sequence numbers of the records that failed.
    Failures(Vec<String>),
    /// The function ended without an answer.
    Crashed,
}

/// What follows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The next batch.
    Onward,
    /// These batches, in order, before any later one.
    Again(Vec<Batch>),
    /// The batch is given up.
    GivenUp(Batch),
}

impl Batch {
    /// Splits records into batches of the subscription's size.
    pub(crate) fn of(records: &[Value], subscription: &Subscription) -> Vec<Self> {
        let batches = records.chunks(subscription.batch_size.max(1));
        batches.map(|records| Self { records: records.to_vec(), retries: 0 }).collect()
    }

    /// Decides what follows after the function's answer.
    pub(crate) fn after(mut self, answer: &Answer, subscription: &Subscription) -> Next {
        match answer {
            Answer::Failures(failed) if failed.is_empty() => return Next::Onward,
            Answer::Failures(failed) => {
                let places: Option<Vec<usize>> = failed.iter().map(|id| self.place(id)).collect();
                if let Some(first) = places.and_then(|places| places.into_iter().min()) {
                    self.records.drain(..first);
                } else if let Some(halves) = self.halves(subscription) {
                    return halves;
                }
            }
            Answer::Crashed => {
                if let Some(halves) = self.halves(subscription) {
                    return halves;
                }
            }
        }
        if subscription.retries.is_some_and(|most| self.retries >= most) {
            return Next::GivenUp(self);
        }
        self.retries += 1;
        Next::Again(vec![self])
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.records.iter().position(|record| sequence_number(record) == id)
    }

    fn halves(&mut self, subscription: &Subscription) -> Option<Next> {
        if !subscription.bisects || self.records.len() < 2 {
            return None;
        }
        let second = self.records.split_off(self.records.len().div_ceil(2));
        let first = std::mem::take(&mut self.records);
        let half = |records| Self { records, retries: self.retries };
        Some(Next::Again(vec![half(first), half(second)]))
    }
}

pub(crate) fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    fn subscription() -> Subscription {
        Subscription { batch_size: 4, patterns: vec![], retries: Some(2), bisects: true, time: Duration::from_mins(1) }
    }

    fn batch(numbers: &[&str], retries: u32) -> Batch {
        let record = |number: &&str| json!({ "dynamodb": { "SequenceNumber": number } });
        Batch { records: numbers.iter().map(record).collect(), retries }
    }

    fn failures(ids: &[&str]) -> Answer {
        Answer::Failures(ids.iter().map(|id| (*id).to_owned()).collect())
    }

    #[test]
    fn c5_a_batch_is_at_most_as_large_as_the_template_says() {
        let records = batch(&["1", "2", "3", "4", "5"], 0).records;
        let batches = Batch::of(&records, &subscription());
        assert_eq!(batches, [batch(&["1", "2", "3", "4"], 0), batch(&["5"], 0)]);
    }

    #[test]
    fn c5_all_records_from_the_first_failed_one_come_again() {
        assert_eq!(batch(&["1", "2"], 0).after(&failures(&[]), &subscription()), Next::Onward);
        let again = batch(&["1", "2", "3", "4"], 0).after(&failures(&["4", "2"]), &subscription());
        assert_eq!(again, Next::Again(vec![batch(&["2", "3", "4"], 1)]));
    }

    #[test]
    fn c5_a_crash_halves_the_batch_until_one_record_is_left() {
        for answer in [Answer::Crashed, failures(&["unknown"])] {
            let halves = batch(&["1", "2", "3"], 1).after(&answer, &subscription());
            assert_eq!(halves, Next::Again(vec![batch(&["1", "2"], 1), batch(&["3"], 1)]));
            assert_eq!(batch(&["3"], 1).after(&answer, &subscription()), Next::Again(vec![batch(&["3"], 2)]));
        }
        let whole = Subscription { bisects: false, ..subscription() };
        assert_eq!(batch(&["1", "2"], 0).after(&Answer::Crashed, &whole), Next::Again(vec![batch(&["1", "2"], 1)]));
    }

    #[test]
    fn c5_a_batch_is_given_up_after_its_last_retry() {
        let last = batch(&["1", "2"], 2);
        assert_eq!(last.clone().after(&failures(&["2"]), &subscription()), Next::GivenUp(batch(&["2"], 2)));
        let endless = Subscription { retries: None, ..subscription() };
        assert_eq!(last.after(&failures(&["1"]), &endless), Next::Again(vec![batch(&["1", "2"], 3)]));
    }
}
