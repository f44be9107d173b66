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

/// How often what failed comes again.
const AGAIN: Duration = Duration::from_secs(1);
/// How often the stream is looked at when no gateway says that there may be something.
const GLANCE: Duration = Duration::from_millis(250);

/// A local desk that serves until it is stopped or dropped.
pub struct LocalDesk {
    backing: Backing,
    gateway: Serving,
    follower: Task,
    runtimes: BTreeMap<String, Runtime>,
}

impl LocalDesk {
    /// Starts one. It answers when this returns.
    pub async fn start(options: Options) -> Result<Self, Error> {
        let (listener, address) = bind(options.listen).await?;
        let backing = Backing::start(&options, &format!("http://{address}")).await?;
        let runtimes = backing.runtimes()?;
        let mut routes = Vec::new();
        for function in backing.stack.functions.iter().filter(|function| !function.routes.is_empty()) {
            let handler = functions::handler(&function.name, &runtimes[&function.name])?;
            routes.extend(function.routes.iter().map(|route| (route.clone(), Arc::clone(&handler))));
        }
        let stream = backing.stream(&runtimes)?;
        backing.recover(&runtimes).await?;
        let job = |name| Ok::<_, Error>((name, functions::job(name, named(&runtimes, name)?)?));
        let jobs = functions::JOBS.into_iter().map(job).collect::<Result<_, _>>()?;
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
        let gateway = gateway.start(listener, address);
        let follower = Task::new(|stopped| stream.follow(AGAIN, stopped));
        Ok(Self { backing, gateway, follower, runtimes })
    }

    /// Where the routes are.
    pub fn url(&self) -> String {
        self.gateway.url()
    }

    /// Where `DynamoDB` is.
    pub fn dynamodb_url(&self) -> String {
        self.backing.dynamodb.url()
    }

    /// Where SES is.
    pub fn ses_url(&self) -> String {
        self.backing.ses.url()
    }

    /// The clock that all functions see.
    pub fn clock(&self) -> &Clock {
        &self.backing.clock
    }

    /// What a function was given at start: its environment, and what it asked of it.
    pub fn runtime(&self, function: &str) -> Option<&Runtime> {
        self.runtimes.get(function)
    }

    /// Loads what is not there yet of the demonstration, and answers who can sign in.
    pub async fn load_demo(&self) -> Result<Vec<SignIn>, Error> {
        self.backing.demo(&self.runtimes).await
    }

    /// Seeds an empty table with a whole county, and shows each registration: for measuring how the desk grows.
    pub async fn seed(&self, county: &County, seen: impl FnMut(&Registration) + Send) -> Result<(), Error> {
        self.backing.seed(&self.runtimes, county, seen).await
    }

    /// Lets what is under way finish, and ends.
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

/// The backing services alone, for functions that run elsewhere. Mails are brought to SES all the same, by this
/// process's own `deliver`, and can be read at `/_local/mails` of the SES endpoint.
pub struct Services {
    backing: Backing,
    follower: Task,
}

impl Services {
    /// Starts them, for functions that are reached at this URL.
    pub async fn start(options: Options, portal_url: &str) -> Result<Self, Error> {
        let backing = Backing::start(&options, portal_url).await?;
        let runtimes = backing.runtimes()?;
        let stream: Arc<Stream> = backing.stream(&runtimes)?;
        backing.recover(&runtimes).await?;
        Ok(Self { follower: Task::new(|stopped| stream.follow(GLANCE, stopped)), backing })
    }

    /// Where `DynamoDB` is.
    pub fn dynamodb_url(&self) -> String {
        self.backing.dynamodb.url()
    }

    /// Where S3 is.
    pub fn s3_url(&self) -> String {
        self.backing.s3.url()
    }

    /// Where SES is.
    pub fn ses_url(&self) -> String {
        self.backing.ses.url()
    }

    /// Writes the functions' environment to a file, as `cargo lambda watch --env-file` reads it.
    pub fn write_environment(&self, file: &Path) -> Result<(), Error> {
        std::fs::write(file, self.backing.environment()).map_err(|why| Error::EnvironmentFile(file.to_owned(), why))
    }

    /// Lets what is under way finish, and ends.
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
