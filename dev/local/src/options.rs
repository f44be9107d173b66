//! How a local desk is to be.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use runtime::{Aws, Ids, Sink};

/// The county's address where none is given.
pub const COUNTY_EMAIL: &str = "mdo@oise.example";

/// How a local desk is to be. The default is what a test wants: in memory, on a free port, empty.
#[derive(Debug, Clone)]
pub struct Options {
    /// A loopback address; port 0 for a free one.
    pub listen: SocketAddr,
    /// Where to keep everything; in memory without.
    pub data: Option<PathBuf>,
    /// Where the clock is to stand; without, where it was left, or else it follows the system.
    pub now: Option<Timestamp>,
    /// Where the functions' ids and secrets come from.
    pub ids: Ids,
    /// Values for the template's parameters. `CountyEmail` and `PortalUrl` have some without.
    pub parameters: BTreeMap<String, String>,
    /// Another template than the one compiled in.
    pub template: Option<PathBuf>,
    /// Something between the functions and AWS.
    pub rewire: Option<Rewire>,
    /// Where the functions' figures go.
    pub metrics: Sink,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: ([127, 0, 0, 1], 0).into(),
            data: None,
            now: None,
            ids: Ids::System,
            parameters: BTreeMap::new(),
            template: None,
            rewire: None,
            metrics: Sink::default(),
        }
    }
}

type Change = dyn Fn(&str, Aws) -> Aws + Send + Sync;

/// Changes a function's connection to AWS, by the function's name: where tests record calls or inject faults.
#[derive(Clone)]
pub struct Rewire(Arc<Change>);

impl Rewire {
    /// By a function of the function's name and its connection.
    pub fn new(rewire: impl Fn(&str, Aws) -> Aws + Send + Sync + 'static) -> Self {
        Self(Arc::new(rewire))
    }

    /// The connection that a function has through it.
    pub fn apply(&self, function: &str, aws: Aws) -> Aws {
        (self.0)(function, aws)
    }
}

impl fmt::Debug for Rewire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rewire(…)")
    }
}
