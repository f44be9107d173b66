//! The local desk: backing services, functions and gateway in one process.

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use demo::{County, SignIn};
use domain::Registration;
use runtime::{Clock, Runtime};

use crate::{
    Error, Options,
    backing::{Backing, named},
    control::Control,
    functions,
    gateway::{Gateway, Routes},
    serving::{Serving, bind},
    stream::Stream,
    task::Task,
};

/// Interval at which failed records are retried.
const RETRY: Duration = Duration::from_secs(1);
/// Interval at which `Services` reads the stream. Shorter, because no gateway drains it on request.
const POLL: Duration = Duration::from_millis(250);

/// A local desk that serves until it is stopped or dropped.
pub struct LocalDesk {
    backing: Backing,
    gateway: Serving,
    follower: Task,
    runtimes: BTreeMap<String, Runtime>,
}

impl LocalDesk {
    /// Starts a local desk. It accepts requests when this returns.
    ///
    /// # Errors
    /// [`Error`] if the address or the data directory can't be used, or the template or a function's environment is
    /// invalid.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let port = bind(options.listen).await?;
        let backing = Backing::start(&options, &format!("http://{}", port.address)).await?;
        let runtimes = backing.runtimes()?;
        let mut routes = Vec::new();
        for function in backing.stack.functions.iter().filter(|function| !function.routes.is_empty()) {
            let handler = functions::handler(&function.name, &runtimes[&function.name])?;
            routes.extend(function.routes.iter().map(|route| (route.clone(), Arc::clone(&handler))));
        }
        let stream = backing.stream(&runtimes)?;
        backing.recover(&runtimes).await?;
        let job = |name| Ok::<_, Error>((name, functions::job(name, named(&runtimes, name)?)?));
        let mut jobs = functions::JOBS.into_iter().map(job).collect::<Result<BTreeMap<_, _>, _>>()?;
        jobs.insert("deliver", functions::redriving(&stream));
        let control = Control {
            state: Arc::clone(&backing.state),
            clock: backing.clock.clone(),
            stream: Arc::clone(&stream),
            jobs,
        };
        let cors = backing.stack.cors.clone();
        let gateway = Gateway {
            cors,
            routes: Routes::new(routes),
            control,
            clock: backing.clock.clone(),
            requests: AtomicU64::new(0),
        };
        let gateway = gateway.start(port);
        let follower = Task::new(|stopped| stream.follow(RETRY, stopped));
        Ok(Self { backing, gateway, follower, runtimes })
    }

    /// Returns the base URL of the routes.
    pub fn url(&self) -> String {
        self.gateway.url()
    }

    /// Returns the URL of `DynamoDB`.
    pub fn dynamodb_url(&self) -> String {
        self.backing.dynamodb.url()
    }

    /// Returns the URL of S3.
    pub fn s3_url(&self) -> String {
        self.backing.s3.url()
    }

    /// Returns the URL of SES.
    pub fn ses_url(&self) -> String {
        self.backing.ses.url()
    }

    /// Returns the clock of all functions.
    pub fn clock(&self) -> &Clock {
        &self.backing.clock
    }

    /// Returns the `Runtime` that a function was built from, by function name.
    pub fn runtime(&self, function: &str) -> Option<&Runtime> {
        self.runtimes.get(function)
    }

    /// Loads the demonstration data that is not stored yet, and returns the accounts that can sign in.
    ///
    /// # Errors
    /// [`Error::Demo`] if the demonstration can't be loaded.
    pub async fn load_demo(&self) -> Result<Vec<SignIn>, Error> {
        self.backing.demo(&self.runtimes).await
    }

    /// Seeds an empty table with a whole county, for measurements, and passes each registration to `seen`.
    ///
    /// # Errors
    /// [`Error`] if the county's data is invalid or the database fails; the table is incomplete then.
    pub async fn seed(&self, county: &County, seen: impl FnMut(&Registration) + Send) -> Result<(), Error> {
        self.backing.seed(&self.runtimes, county, seen).await
    }

    /// Stops, after requests under way have finished.
    pub async fn stop(self) {
        self.gateway.task.stop().await;
        self.follower.stop().await;
        self.backing.stop().await;
    }
}

impl fmt::Debug for LocalDesk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalDesk").field("url", &self.url()).finish_non_exhaustive()
    }
}

/// The backing services alone, for functions of another process. This process runs its own `deliver`, so that messages
/// reach SES; they can be read at `/_local/mails` of the SES endpoint.
pub struct Services {
    backing: Backing,
    follower: Task,
}

impl Services {
    /// Starts the services, for functions that answer at `portal_url`.
    ///
    /// # Errors
    /// As of [`LocalDesk::start`].
    pub async fn start(options: Options, portal_url: &str) -> Result<Self, Error> {
        let backing = Backing::start(&options, portal_url).await?;
        let runtimes = backing.runtimes()?;
        let stream: Arc<Stream> = backing.stream(&runtimes)?;
        backing.recover(&runtimes).await?;
        Ok(Self { follower: Task::new(|stopped| stream.follow(POLL, stopped)), backing })
    }

    /// Returns the URL of `DynamoDB`.
    pub fn dynamodb_url(&self) -> String {
        self.backing.dynamodb.url()
    }

    /// Returns the URL of S3.
    pub fn s3_url(&self) -> String {
        self.backing.s3.url()
    }

    /// Returns the URL of SES.
    pub fn ses_url(&self) -> String {
        self.backing.ses.url()
    }

    /// Writes the functions' environment to a file in the format of `cargo lambda watch --env-file`.
    ///
    /// # Errors
    /// [`Error::EnvironmentFile`] if the file can't be written.
    pub fn write_environment(&self, file: &Path) -> Result<(), Error> {
        std::fs::write(file, self.backing.environment()).map_err(|why| Error::EnvironmentFile(file.to_owned(), why))
    }

    /// Stops, after requests under way have finished.
    pub async fn stop(self) {
        self.follower.stop().await;
        self.backing.stop().await;
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services").field("dynamodb", &self.dynamodb_url()).field("ses", &self.ses_url()).finish()
    }
}
