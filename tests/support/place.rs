//! Where a desk runs: in this process, or deployed (`make test-deploy` runs the same stories there).

use std::sync::Mutex;

use jiff::Timestamp;
use local::LocalDesk;
use serde_json::json;

use super::{BEGINNING, Desk};

pub(crate) enum Place {
    /// A local desk of one story.
    Here(Box<LocalDesk>),
    /// One desk for all stories. They run one after the other, each from an empty table. The desk's clock stands still.
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

    /// Records the time that the clock was set to.
    pub(crate) fn was_set(&self, to: &str) {
        if let Self::Deployed { now, .. } = self {
            *now.lock().unwrap() = to.parse().unwrap();
        }
    }
}

/// Returns the deployed desk named by `DESK_URL`, if the run is against one.
#[expect(clippy::disallowed_methods, reason = "the Makefile passes it to the tests")]
pub(super) fn deployed() -> Option<Place> {
    let url = std::env::var("DESK_URL").ok()?;
    Some(Place::Deployed { url, now: Mutex::new(BEGINNING.parse().unwrap()) })
}

impl Desk {
    /// Empties the table and sets the clock to [`BEGINNING`].
    pub(super) async fn emptied(self) -> Self {
        self.open_post("/_local/empty", &json!({ "now": BEGINNING })).await.expect(200);
        self
    }
}
