//! Calls `deliver` with the table's stream as Lambda would: records that pass the template's filter, in batches, in
//! Lambda's event format. Failed records are retried every second, and whenever messages are requested, until they
//! succeed. Lambda gives up at some point and leaves a message to the daily job, which would take too long for
//! development.
//!
//! The position is stored after each turn, never beyond a record to be retried. After a kill the records of the last
//! turn are processed twice; `deliver` is idempotent.

use std::{sync::Arc, time::Duration};

use aws_lambda_events::event::{dynamodb::Event, streams::DynamoDbEventResponse};
use deliver::Deliver;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, oneshot},
    time::MissedTickBehavior,
};

use crate::{
    Error,
    database::{Position, Shard},
    feedback::Feedback,
    filter::Filter,
    state::State,
    template::{REGION, Subscription},
};

/// Calls `deliver` with the records of the stream.
pub(crate) struct Stream {
    shard: Shard,
    filter: Filter,
    batch_size: usize,
    time: Duration,
    deliver: Arc<Deliver>,
    feedback: Feedback,
    state: Arc<State>,
    progress: Mutex<Progress>,
}

struct Progress {
    /// Position from which to read on.
    next: Position,
    /// Position in the state database.
    stored: Position,
    /// Failed records, to be retried.
    failed: Vec<Value>,
}

impl Stream {
    /// Creates a reader that continues at the stored position.
    ///
    /// # Errors
    /// [`Error::Filter`] for an unsupported filter, [`Error::State`] if the position can't be read.
    pub(crate) fn new(
        shard: Shard,
        subscription: Subscription,
        deliver: Deliver,
        feedback: Feedback,
        state: Arc<State>,
    ) -> Result<Arc<Self>, Error> {
        let stored = state.position()?;
        Ok(Arc::new(Self {
            shard,
            filter: Filter::new(subscription.patterns)?,
            batch_size: subscription.batch_size.max(1),
            time: subscription.time,
            deliver: Arc::new(deliver),
            feedback,
            state,
            progress: Mutex::new(Progress { next: stored.clone(), stored, failed: Vec::new() }),
        }))
    }

    /// Drains the stream at an interval until stopped. It does not run right after a request: sending would slow down
    /// the next one, and tests compare the times of answers that must not differ.
    pub(crate) async fn follow(self: Arc<Self>, every: Duration, mut stopped: oneshot::Receiver<()>) {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let drained = tokio::select! {
                biased;
                _ = &mut stopped => return,
                _ = ticks.tick() => self.drain().await,
            };
            if let Err(error) = drained {
                tracing::error!(%error, "the stream could not be read");
            }
        }
    }

    /// Drains the stream in a task of its own, which runs to its end even if the request is dropped.
    pub(crate) async fn drain_for(self: &Arc<Self>) {
        let stream = Arc::clone(self);
        let drained = tokio::spawn(async move { stream.drain().await }).await;
        if let Err(error) = drained.map_err(|panic| panic.to_string()).and_then(|done| done.map_err(|e| e.to_string()))
        {
            tracing::error!(error, "the stream could not be read");
        }
    }

    /// Retries failed records, reads to the end of the stream, then processes the delivery events. When it returns,
    /// every message that was due is sent or has failed again, and its delivery events are stored.
    async fn drain(&self) -> Result<(), Error> {
        let mut progress = self.progress.lock().await;
        let failed = std::mem::take(&mut progress.failed);
        progress.failed = self.process(failed).await?;
        self.turn(&mut progress).await?;
        self.feedback.dispatch().await;
        Ok(())
    }

    /// Reads to the end, processes the records, and stores the position. Records that are written meanwhile, also by
    /// `deliver`, wait for the next turn; otherwise a turn might never end under load.
    async fn turn(&self, progress: &mut Progress) -> Result<(), Error> {
        let (mut next, mut due) = (progress.next.clone(), Vec::new());
        loop {
            let records = self.shard.read(&next)?;
            let Some(last) = records.last() else { break };
            next = Position::After(last.dynamodb.sequence_number.clone());
            for record in &records {
                due.extend(Some(self.lambda_record(record)?).filter(|record| self.filter.passes(record)));
            }
        }
        progress.failed.extend(self.process(due).await?);
        progress.next = next;
        let oldest = progress.failed.iter().map(sequence_number).min();
        let reached = oldest.map_or_else(|| progress.next.clone(), |oldest| Position::At(oldest.to_owned()));
        if reached != progress.stored {
            self.state.set_position(&reached)?;
            progress.stored = reached;
        }
        Ok(())
    }

    /// Calls `deliver` with records, batch by batch. Returns those that failed.
    async fn process(&self, records: Vec<Value>) -> Result<Vec<Value>, Error> {
        let mut to_retry = Vec::new();
        for batch in records.chunks(self.batch_size) {
            let event: Event = serde_json::from_value(json!({ "Records": batch }))?;
            let failed = self.call(event, batch).await;
            to_retry
                .extend(batch.iter().filter(|record| failed.iter().any(|id| id == sequence_number(record))).cloned());
        }
        Ok(to_retry)
    }

    /// Calls `deliver` once. Returns the sequence numbers of failed records; a panic fails the whole batch.
    async fn call(&self, event: Event, batch: &[Value]) -> Vec<String> {
        let (deliver, time) = (Arc::clone(&self.deliver), self.time);
        match tokio::spawn(async move { deliver.deliver(event, time).await }).await {
            Ok(DynamoDbEventResponse { batch_item_failures, .. }) => {
                batch_item_failures.into_iter().filter_map(|failure| failure.item_identifier).collect()
            }
            Err(error) => {
                tracing::error!(%error, "deliver panicked");
                batch.iter().map(|record| sequence_number(record).to_owned()).collect()
            }
        }
    }

    fn lambda_record(&self, record: &impl Serialize) -> Result<Value, Error> {
        let mut record = serde_json::to_value(record)?;
        record["awsRegion"] = REGION.into();
        record["eventSourceARN"] = self.shard.stream_arn.clone().into();
        Ok(record)
    }
}

fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}
