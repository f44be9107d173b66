//! Settings of a local desk.

use std::{collections::BTreeMap, fmt, net::SocketAddr, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use runtime::{Aws, Ids, Sink};

/// The county's default e-mail address.
pub const COUNTY_EMAIL: &str = "mdo@oise.example";

/// Settings of a local desk. The default suits tests: in memory, on a free port, empty.
#[derive(Debug, Clone)]
pub struct Options {
    /// The loopback address to listen on; port 0 for a free one.
    pub listen: SocketAddr,
    /// The data directory, or `None` for memory.
    pub data: Option<PathBuf>,
    /// The instant that the clock is set to. If `None`, it keeps its stored setting, or else follows the system.
    pub now: Option<Timestamp>,
    /// Source of the functions' ids and secrets.
    pub ids: Ids,
    /// Values of the template's parameters. `CountyEmail`, `PortalUrl` and `SourceLimit` have local defaults.
    pub parameters: BTreeMap<String, String>,
    /// A template file that replaces the built-in one.
    pub template: Option<PathBuf>,
    /// A layer between the functions and AWS.
    pub rewire: Option<Rewire>,
    /// Destination of the functions' metrics.
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

/// Changes the functions' connections to AWS. Tests record calls or inject faults with it.
#[derive(Clone)]
pub struct Rewire(Arc<Change>);

impl Rewire {
    /// Creates one from a closure that takes a function's name and its connection.
    pub fn new(rewire: impl Fn(&str, Aws) -> Aws + Send + Sync + 'static) -> Self {
        Self(Arc::new(rewire))
    }

    /// Returns a function's changed connection.
    pub fn apply(&self, function: &str, aws: Aws) -> Aws {
        (self.0)(function, aws)
    }
}

impl fmt::Debug for Rewire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rewire(…)")
    }
}
