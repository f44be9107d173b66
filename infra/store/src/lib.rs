//! The one `DynamoDB` table. The only crate that names `aws-sdk-dynamodb`.
//!
//! [`keys`] is the design: each question, the key or index that answers it, and the cost. Each access pattern has one
//! file. A change, its history line and its message are committed in one transaction or not at all. A call whose answer
//! is lost is sent again with the same token and condition, so it takes effect once. There is no Scan.
//!
//! **Cost** is in `DynamoDB` request units. A consistent read costs 1 RRU per 4 KB, an eventually consistent one ½. All
//! but one write ([`Store::count_source`]) are transactions: 2 WRU per item up to 1 KB, and 1 WRU per index entry that
//! is written, or 2 where the entry's key changes. Functions give the cost of their usual case.
//!
//! **Consistency.** Reads by primary key are strongly consistent. Reads by an index are eventually consistent: they may
//! miss the writes of the last moment, which is why a decision is always made on an item read by its key or committed
//! under its version.
//!
//! **Unreadable rows.** Registrations, libraries, resources and staff that are read in numbers pass through
//! `unreadable.rs`: a row that can't be decoded is left out, logged by its id and counted (requirements RE12).
//!
//! **Errors** are those of [`Error`], which says which of them a read and a write return.

mod accounts;
mod delivery;
mod directory;
mod erasure;
mod error;
mod escalation;
mod history;
mod idempotency;
mod index;
mod item;
pub mod keys;
mod listing;
mod network;
mod outbox;
mod reading;
mod registrations;
mod resets;
mod retention;
mod second_factor;
mod seeding;
mod sessions;
mod staff;
mod throttle;
mod transaction;
mod unreadable;

use std::sync::{Arc, OnceLock};

use aws_sdk_dynamodb::Client;
use runtime::{Clock, Metrics, Misconfigured, Runtime, Secret};

pub use accounts::{Credentials, PasswordState, Secrets, StoredAccount};
pub use aws_sdk_dynamodb::types::AttributeValue;
pub use delivery::{DeliveryReport, MessageSummary};
pub use directory::{Catalog, DirectoryEntry};
pub use erasure::UnfinishedErasure;
pub use error::Error;
pub use escalation::{Digest, LISTED, MARKS, Mark};
pub use idempotency::{IdempotencyKey, Replay};
pub use item::{SHORT, Versioned};
pub use listing::{Filter, Order, Page, Scope};
pub use outbox::{Claim, DRAFT, LEASE, Lease, NewMessage, OutboxItem};
pub use registrations::{Change, Creation, Holder, Holding, Saved};
pub use resets::LINK_LIFE;
pub use second_factor::StoredFactor;
pub use seeding::seed_items;
pub use sessions::{OpenSession, SessionSummary};
pub use staff::{Member, Raising, StaffChange};
pub use transaction::Write;
pub use unreadable::Remains;

/// Number of the table's layout. A change of keys or items that this code could not read makes a new one.
pub const LAYOUT: u32 = 2;

/// A client of the table. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
    /// Counts unreadable rows, at the clock's time.
    metrics: Metrics,
    clock: Clock,
    /// The key under which network addresses are digested for the log, once it was read.
    log_key: Arc<OnceLock<Secret>>,
}

impl Store {
    /// Makes a client of the table that `TABLE_NAME` names. Sends nothing yet.
    ///
    /// # Errors
    /// [`Misconfigured`] when `TABLE_NAME` or one of Lambda's own variables is missing or malformed.
    pub fn new(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let config = aws_sdk_dynamodb::config::Builder::from(runtime.aws.config()?);
        let config = config.endpoint_url(runtime.aws.dynamodb()?);
        let table = runtime.env.required("TABLE_NAME")?.to_owned();
        let (metrics, clock) = (runtime.metrics.clone(), runtime.clock.clone());
        Ok(Self { client: Client::from_conf(config.build()), table, metrics, clock, log_key: Arc::default() })
    }
}

/// An item's attributes by name.
pub type Attributes = std::collections::HashMap<String, AttributeValue>;

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl Into<i128>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
    use runtime::{Aws, Endpoints};

    #[tokio::test]
    async fn the_endpoint_equals_that_of_the_sdk_s_rules() {
        let params = Params::builder().region("eu-west-3").build().unwrap();
        let found = DefaultResolver::new().resolve_endpoint(&params).await.unwrap();
        assert_eq!(Aws::loopback(Endpoints::default()).dynamodb().unwrap(), found.url());
    }
}
