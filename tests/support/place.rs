//! Where a desk is: in this process, or deployed, where `make test-deploy` tells the same stories.

use std::sync::Mutex;

use jiff::Timestamp;
use local::LocalDesk;
use serde_json::json;

use super::{BEGINNING, Desk};

pub(crate) enum Place {
    /// A local desk of the story's own.
    Here(Box<LocalDesk>),
    /// One desk for all stories, told one after the other, each beginning with an empty table. Its clock stands still.
    Deployed { url: String, now: Mutex<Timestamp> },
}

impl Place {
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Here(local) => local.url(),
            Self::Deployed { url, .. } => url.clone(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        match self {
            Self::Here(local) => local.clock().now(),
            Self::Deployed { now, .. } => *now.lock().unwrap(),
        }
    }

    /// Notes where the clock was set to.
    pub(crate) fn was_set(&self, to: &str) {
        if let Self::Deployed { now, .. } = self {
            *now.lock().unwrap() = to.parse().unwrap();
        }
    }
}

/// Where the deployed desk is, for a run that is to go there.
#[expect(clippy::disallowed_methods, reason = "what make tells the tests")]
pub(super) fn deployed() -> Option<Place> {
    let url = std::env::var("DESK_URL").ok()?;
    Some(Place::Deployed { url, now: Mutex::new(BEGINNING.parse().unwrap()) })
}

impl Desk {
    /// An empty table, and the hour at which every story begins.
    pub(super) async fn emptied(self) -> Self {
        self.open_post("/_local/empty", &json!({ "now": BEGINNING })).await.expect(200);
        self
    }
}
