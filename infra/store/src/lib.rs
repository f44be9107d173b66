//! The one `DynamoDB` table. The only crate that names `aws-sdk-dynamodb`.
//!
//! [`keys`] is the design: which question is asked, under which key its answer lies, and what it costs. Then one file
//! an access pattern. A change, its history line and its mail are committed in one transaction or not at all; a
//! conditional write that was lost on the way is repeated under the same condition, never doubled. There is no Scan.

mod accounts;
mod delivery;
mod directory;
mod erasure;
mod error;
mod escalation;
mod history;
mod idempotency;
mod item;
pub mod keys;
mod listing;
mod outbox;
mod reading;
mod registrations;
mod resets;
mod retention;
mod sessions;
mod settling;
mod throttle;
mod transaction;

use aws_sdk_dynamodb::Client;
use runtime::{Misconfigured, Runtime};

pub use accounts::{Credentials, StoredAccount};
pub use aws_sdk_dynamodb::types::AttributeValue;
pub use delivery::{DeliveryReport, MessageSummary};
pub use directory::{Catalog, StaffChange};
pub use erasure::Held;
pub use error::Error;
pub use escalation::{Digest, MARKS, Mark};
pub use idempotency::{IdempotencyKey, Replay};
pub use item::{SHORT, Versioned};
pub use listing::{Filter, Order, Page, Scope};
pub use outbox::{CLAIM, Claim, NewMessage, OutboxItem};
pub use registrations::{Change, Creation, Saved};
pub use resets::LINK_LIFE;
pub use settling::settled;
pub use transaction::Write;

/// A handle on the table; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    table: String,
}

impl Store {
    /// Connects to the table that `TABLE_NAME` names. Sends nothing yet.
    pub fn new(runtime: &Runtime) -> Result<Self, Misconfigured> {
        let config = aws_sdk_dynamodb::config::Builder::from(runtime.aws.config()?);
        let config = config.endpoint_url(runtime.aws.dynamodb()?);
        let table = runtime.env.required("TABLE_NAME")?.to_owned();
        Ok(Self { client: Client::from_conf(config.build()), table })
    }
}

/// An item's attributes by their names.
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
    async fn the_endpoint_is_the_one_that_the_sdk_s_rules_find() {
        let params = Params::builder().region("eu-west-3").build().unwrap();
        let found = DefaultResolver::new().resolve_endpoint(&params).await.unwrap();
        assert_eq!(Aws::loopback(Endpoints::default()).dynamodb().unwrap(), found.url());
    }
}
