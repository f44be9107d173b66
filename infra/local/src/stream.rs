//! The table's stream, brought to `deliver` as Lambda would: what the template's filter lets through, in batches, in
//! Lambda's own event. What is reported failed comes again at the next turn.
//!
//! How far the stream was read is noted after each turn, and never beyond a record that must come again. A process that
//! was killed reads those of its last turn twice, which `deliver` is made for.

mod filter;

use std::{sync::Arc, time::Duration};

use aws_lambda_events::event::{dynamodb::Event, streams::DynamoDbEventResponse};
use deliver::Deliver;
use serde_json::{Value, json};
use tokio::sync::{Mutex, Notify, oneshot};

pub(crate) use filter::Filter;

use crate::{
    Error,
    database::{Position, Shard},
    state::State,
    template::{REGION, Subscription},
};

/// Brings the stream to `deliver`.
pub(crate) struct Stream {
    shard: Shard,
    filter: Filter,
    batch_size: usize,
    retries: Option<u32>,
    deliver: Arc<Deliver>,
    state: Arc<State>,
    progress: Mutex<Progress>,
    wake: Notify,
}

struct Progress {
    position: Position,
    again: Vec<Waiting>,
}

/// A record, and how often it has failed.
#[derive(Debug, Clone)]
struct Waiting {
    record: Value,
    failures: u32,
}

impl Waiting {
    fn sequence_number(&self) -> &str {
        self.record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
    }
}

impl Stream {
    /// Goes on where the state says that it was left.
    pub(crate) fn new(
        shard: Shard,
        subscription: Subscription,
        deliver: Deliver,
        state: Arc<State>,
    ) -> Result<Arc<Self>, Error> {
        let position = state.position()?;
        Ok(Arc::new(Self {
            shard,
            filter: Filter::new(subscription.patterns)?,
            batch_size: subscription.batch_size.clamp(1, 10),
            retries: subscription.retries,
            deliver: Arc::new(deliver),
            state,
            progress: Mutex::new(Progress { position, again: Vec::new() }),
            wake: Notify::new(),
        }))
    }

    /// Has the stream read soon.
    pub(crate) fn nudge(&self) {
        self.wake.notify_one();
    }

    /// Reads whenever it is nudged, and every so often if asked, until it is stopped.
    pub(crate) async fn follow(self: Arc<Self>, every: Option<Duration>, mut stopped: oneshot::Receiver<()>) {
        loop {
            let woken = async {
                match every {
                    // Only a time that ran out is looked at next.
                    Some(every) => drop(tokio::time::timeout(every, self.wake.notified()).await),
                    None => self.wake.notified().await,
                }
            };
            tokio::select! {
                biased;
                _ = &mut stopped => return,
                () = woken => {}
            }
            if let Err(error) = self.drain().await {
                tracing::error!(%error, "the stream could not be read");
            }
        }
    }

    /// Reads to the end of the stream, what `deliver` itself writes meanwhile included. One turn at a time.
    pub(crate) async fn drain(&self) -> Result<(), Error> {
        let mut progress = self.progress.lock().await;
        let before = progress.position.clone();
        let waiting = std::mem::take(&mut progress.again);
        self.bring(waiting, &mut progress.again).await?;
        loop {
            let records = self.shard.read(&progress.position)?;
            let Some(last) = records.last() else { break };
            let next = Position::After(last.dynamodb.sequence_number.clone());
            let mut passed = Vec::new();
            for record in &records {
                let record = self.as_lambda_gives_it(serde_json::to_value(record)?);
                if self.filter.passes(&record) {
                    passed.push(Waiting { record, failures: 0 });
                }
            }
            self.bring(passed, &mut progress.again).await?;
            progress.position = next;
        }
        let oldest = progress.again.iter().map(Waiting::sequence_number).min().map(|at| Position::At(at.to_owned()));
        match oldest {
            Some(oldest) => self.state.set_position(&oldest),
            None if before != progress.position => self.state.set_position(&progress.position),
            None => Ok(()),
        }
    }

    /// Gives `deliver` records, batch by batch; keeps those that must come again.
    async fn bring(&self, waiting: Vec<Waiting>, again: &mut Vec<Waiting>) -> Result<(), Error> {
        for batch in waiting.chunks(self.batch_size) {
            let records: Vec<&Value> = batch.iter().map(|waiting| &waiting.record).collect();
            let event: Event = serde_json::from_value(json!({ "Records": records }))?;
            let failed = self.call(event, batch).await;
            for mut waiting in batch.iter().filter(|waiting| failed.iter().any(|id| id == waiting.sequence_number())).cloned()
            {
                waiting.failures += 1;
                if self.retries.is_some_and(|retries| waiting.failures > retries) {
                    tracing::error!(record = %waiting.record, "failed too often: on AWS it would lie in the failure queue");
                } else {
                    again.push(waiting);
                }
            }
        }
        Ok(())
    }

    /// One call; a panic fails the whole batch.
    async fn call(&self, event: Event, batch: &[Waiting]) -> Vec<String> {
        let deliver = Arc::clone(&self.deliver);
        match tokio::spawn(async move { deliver.deliver(event).await }).await {
            Ok(DynamoDbEventResponse { batch_item_failures, .. }) => {
                batch_item_failures.into_iter().filter_map(|failure| failure.item_identifier).collect()
            }
            Err(error) => {
                tracing::error!(%error, "deliver panicked");
                batch.iter().map(|waiting| waiting.sequence_number().to_owned()).collect()
            }
        }
    }

    fn as_lambda_gives_it(&self, mut record: Value) -> Value {
        record["awsRegion"] = REGION.into();
        record["eventSourceARN"] = self.shard.stream_arn.clone().into();
        record
    }
}
