//! Calls `deliver` as the template says: with the records of the table's stream that pass the filter, in batches, in
//! Lambda's event format ([`batch`](crate::batch)), and by its schedule, on the desk's clock.
//!
//! A batch that failed is handed over again every second, and whenever messages are requested.
//!
//! The position is stored after each turn, never beyond a batch that is not done. After a kill the records of the last
//! turn are processed twice; `deliver` is idempotent.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use aws_lambda_events::event::{dynamodb::Event, streams::DynamoDbEventResponse};
use deliver::Deliver;
use jiff::{SignedDuration, Timestamp};
use runtime::Clock;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, oneshot},
    time::MissedTickBehavior,
};

use crate::{
    Error,
    batch::{Answer, Batch, Next, sequence_number},
    database::{Position, Shard},
    feedback::Feedback,
    filter::Filter,
    state::State,
    template::{REGION, Subscription},
};

/// The function `deliver`, with what triggers it.
pub(crate) struct Trigger {
    pub(crate) deliver: Deliver,
    pub(crate) subscription: Subscription,
    /// The interval of its schedule.
    pub(crate) every: SignedDuration,
    pub(crate) clock: Clock,
}

/// Calls `deliver`.
pub(crate) struct Stream {
    shard: Shard,
    filter: Filter,
    subscription: Subscription,
    every: SignedDuration,
    clock: Clock,
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
    /// Batches that are not done. The first one holds up the others.
    batches: VecDeque<Batch>,
    /// When the schedule last ran.
    scheduled: Timestamp,
}

impl Stream {
    /// Creates a reader that continues at the stored position.
    ///
    /// # Errors
    /// [`Error::Filter`] for an unsupported filter, [`Error::State`] if the position can't be read.
    pub(crate) fn new(
        shard: Shard,
        trigger: Trigger,
        feedback: Feedback,
        state: Arc<State>,
    ) -> Result<Arc<Self>, Error> {
        let Trigger { deliver, subscription, every, clock } = trigger;
        let stored = state.position()?;
        let progress = Progress { next: stored.clone(), stored, batches: VecDeque::new(), scheduled: clock.now() };
        Ok(Arc::new(Self {
            shard,
            filter: Filter::new(subscription.patterns.clone())?,
            subscription,
            every,
            clock,
            deliver: Arc::new(deliver),
            feedback,
            state,
            progress: Mutex::new(progress),
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

    /// Processes the records up to the end of the stream, runs the schedule if its time has come, then processes the
    /// delivery events. When it returns, every message that was due is sent or has failed, and its delivery events are
    /// stored.
    async fn drain(&self) -> Result<(), Error> {
        let mut progress = self.progress.lock().await;
        if self.process(&mut progress).await? {
            self.read(&mut progress)?;
            self.process(&mut progress).await?;
        }
        self.store(&mut progress)?;
        let now = self.clock.now();
        if now < progress.scheduled || now.duration_since(progress.scheduled) >= self.every {
            progress.scheduled = now;
            if let Err(why) = self.redrive().await {
                tracing::error!(why, "the unsent messages could not be tried again");
            }
        }
        self.feedback.dispatch().await;
        Ok(())
    }

    /// Runs the schedule of `deliver` once. Returns its report, or the text of its error.
    pub(crate) async fn redrive(&self) -> Result<Value, String> {
        let (deliver, time) = (Arc::clone(&self.deliver), self.subscription.time);
        // In a task of its own, so that a panic counts as a failure.
        let ran = tokio::spawn(async move { deliver.redrive(time).await }).await.map_err(|panic| panic.to_string())?;
        serde_json::to_value(ran.map_err(|why| why.to_string())?).map_err(|why| why.to_string())
    }

    /// Reads to the end of the stream. Records that are written meanwhile, also by `deliver`, wait for the next turn;
    /// otherwise a turn might never end under load.
    fn read(&self, progress: &mut Progress) -> Result<(), Error> {
        let mut due = Vec::new();
        loop {
            let records = self.shard.read(&progress.next)?;
            let Some(last) = records.last() else { break };
            progress.next = Position::After(last.dynamodb.sequence_number.clone());
            for record in &records {
                due.extend(Some(self.lambda_record(record)?).filter(|record| self.filter.passes(record)));
            }
        }
        progress.batches.extend(Batch::of(&due, &self.subscription));
        Ok(())
    }

    /// Processes the batches in order, until one fails. Returns whether all are done.
    async fn process(&self, progress: &mut Progress) -> Result<bool, Error> {
        while let Some(batch) = progress.batches.pop_front() {
            let event: Event = serde_json::from_value(json!({ "Records": batch.records }))?;
            match batch.after(&self.call(event).await, &self.subscription) {
                Next::Onward => {}
                Next::Again(batches) => {
                    batches.into_iter().rev().for_each(|batch| progress.batches.push_front(batch));
                    return Ok(false);
                }
                Next::GivenUp(batch) => {
                    let records = batch.records.len();
                    tracing::error!(records, "records were given up; on AWS they go to the failure queue");
                }
            }
        }
        Ok(true)
    }

    /// Stores the position of the first record that is not done.
    fn store(&self, progress: &mut Progress) -> Result<(), Error> {
        let first = progress.batches.front().and_then(|batch| batch.records.first());
        let reached =
            first.map_or_else(|| progress.next.clone(), |first| Position::At(sequence_number(first).to_owned()));
        if reached != progress.stored {
            self.state.set_position(&reached)?;
            progress.stored = reached;
        }
        Ok(())
    }

    /// Calls `deliver` once, in a task of its own, so that a panic counts as a failure.
    async fn call(&self, event: Event) -> Answer {
        let (deliver, time) = (Arc::clone(&self.deliver), self.subscription.time);
        match tokio::spawn(async move { deliver.deliver(event, time).await }).await {
            Ok(DynamoDbEventResponse { batch_item_failures, .. }) => {
                Answer::Failures(batch_item_failures.into_iter().filter_map(|one| one.item_identifier).collect())
            }
            Err(error) => {
                tracing::error!(%error, "deliver panicked");
                Answer::Crashed
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
