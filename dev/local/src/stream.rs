//! The table's stream, brought to `deliver` as Lambda would: what the template's filter lets through, in batches, in
//! Lambda's own event. What is reported failed comes again, every second or when somebody asks for the mails, and until
//! it works: where Lambda gives up and leaves a mail to the daily job, nobody here would want to wait that long.
//!
//! How far the stream was read is noted after each turn, and never beyond a record that must come again. A process that
//! was killed reads those of its last turn twice, which `deliver` is made for.

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

/// Brings the stream to `deliver`.
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
    /// From where to read on.
    next: Position,
    /// What is noted of it.
    noted: Position,
    /// Records that must come again.
    again: Vec<Value>,
}

impl Stream {
    /// Goes on where the state says that it was left.
    pub(crate) fn new(
        shard: Shard,
        subscription: Subscription,
        deliver: Deliver,
        feedback: Feedback,
        state: Arc<State>,
    ) -> Result<Arc<Self>, Error> {
        let noted = state.position()?;
        Ok(Arc::new(Self {
            shard,
            filter: Filter::new(subscription.patterns)?,
            batch_size: subscription.batch_size.max(1),
            time: subscription.time,
            deliver: Arc::new(deliver),
            feedback,
            state,
            progress: Mutex::new(Progress { next: noted.clone(), noted, again: Vec::new() }),
        }))
    }

    /// Reads every so often, until it is stopped. Not at once after a request: what a mail costs would be felt by the
    /// next request, and answers that must take alike would not.
    pub(crate) async fn follow(self: Arc<Self>, every: Duration, mut stopped: oneshot::Receiver<()>) {
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let turned = tokio::select! {
                biased;
                _ = &mut stopped => return,
                _ = ticks.tick() => self.drain().await,
            };
            if let Err(error) = turned {
                tracing::error!(%error, "the stream could not be read");
            }
        }
    }

    /// As [`drain`](Self::drain), to its end even if whoever asks goes away.
    pub(crate) async fn drain_for(self: &Arc<Self>) {
        let stream = Arc::clone(self);
        let drained = tokio::spawn(async move { stream.drain().await }).await;
        if let Err(error) = drained.map_err(|panic| panic.to_string()).and_then(|done| done.map_err(|e| e.to_string()))
        {
            tracing::error!(error, "the stream could not be read");
        }
    }

    /// Reads to the end of the stream, after what must come again, and then what SES tells of the mails. When it
    /// returns, every mail that was due is sent or has failed anew, and what became of it is noted.
    async fn drain(&self) -> Result<(), Error> {
        let mut progress = self.progress.lock().await;
        let again = std::mem::take(&mut progress.again);
        progress.again = self.bring(again).await?;
        self.turn(&mut progress).await?;
        self.feedback.bring().await;
        Ok(())
    }

    /// Reads to the end, brings what was there, and notes how far that is. What is written meanwhile, by `deliver` too,
    /// is for the next turn: under load there would be no end to it.
    async fn turn(&self, progress: &mut Progress) -> Result<(), Error> {
        let (mut next, mut due) = (progress.next.clone(), Vec::new());
        loop {
            let records = self.shard.read(&next)?;
            let Some(last) = records.last() else { break };
            next = Position::After(last.dynamodb.sequence_number.clone());
            for record in &records {
                due.extend(Some(self.as_lambda_gives_it(record)?).filter(|record| self.filter.passes(record)));
            }
        }
        progress.again.extend(self.bring(due).await?);
        progress.next = next;
        let oldest = progress.again.iter().map(sequence_number).min();
        let reached = oldest.map_or_else(|| progress.next.clone(), |oldest| Position::At(oldest.to_owned()));
        if reached != progress.noted {
            self.state.set_position(&reached)?;
            progress.noted = reached;
        }
        Ok(())
    }

    /// Gives `deliver` records, batch by batch; returns those that must come again.
    async fn bring(&self, records: Vec<Value>) -> Result<Vec<Value>, Error> {
        let mut again = Vec::new();
        for batch in records.chunks(self.batch_size) {
            let event: Event = serde_json::from_value(json!({ "Records": batch }))?;
            let failed = self.call(event, batch).await;
            again.extend(batch.iter().filter(|record| failed.iter().any(|id| id == sequence_number(record))).cloned());
        }
        Ok(again)
    }

    /// One call; a panic fails the whole batch.
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

    fn as_lambda_gives_it(&self, record: &impl Serialize) -> Result<Value, Error> {
        let mut record = serde_json::to_value(record)?;
        record["awsRegion"] = REGION.into();
        record["eventSourceARN"] = self.shard.stream_arn.clone().into();
        Ok(record)
    }
}

fn sequence_number(record: &Value) -> &str {
    record["dynamodb"]["SequenceNumber"].as_str().unwrap_or_default()
}
