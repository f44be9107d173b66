//! The services behind the functions: table, bucket, SES, clock, and each function's environment from the template.

mod seeding;

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    path::Path,
    sync::Arc,
};

use demo::SignIn;
use hashing::Hasher;
use jiff::Timestamp;
use runtime::{Aws, Clock, Endpoints, Env, Ids, Metrics, Runtime, Sink};
use store::Store;

use crate::{
    Error, Options,
    database::Database,
    door,
    feedback::{Feedback, Published},
    functions,
    options::{COUNTY_EMAIL, Rewire},
    s3,
    serving::Serving,
    ses,
    state::State,
    stream::{Stream, Trigger},
    template::{Function, REGION, Stack, Template},
};

/// The backing services while they run.
pub(crate) struct Backing {
    pub(crate) stack: Stack,
    pub(crate) clock: Clock,
    pub(crate) state: Arc<State>,
    pub(crate) dynamodb: Serving,
    pub(crate) s3: Serving,
    pub(crate) ses: Serving,
    database: Database,
    published: Arc<Published>,
    ids: Ids,
    rewire: Option<Rewire>,
    metrics: Sink,
    /// Lock on the data directory, held until this is dropped.
    lock: Option<File>,
}

impl Backing {
    pub(crate) async fn start(options: &Options, portal_url: &str) -> Result<Self, Error> {
        let stack = stack(options, portal_url)?;
        let lock = options.data.as_deref().map(claim).transpose()?;
        let file = |name: &str| options.data.as_ref().map(|directory| directory.join(name));
        // The state first: it knows whether this desk can read the database.
        let state = Arc::new(State::open(file("local.db").as_deref())?);
        let database = Database::open(file("desk.db").as_deref())?;
        database.ensure(&stack.table)?;
        if options.now.is_some() {
            state.set_clock(options.now)?;
        }
        let clock = Clock::settable(state.clock()?);
        let published = Arc::new(Published::default());
        Ok(Self {
            dynamodb: database.serve().await?,
            s3: s3::start(&stack.bucket, door::origins(portal_url), clock.clone()).await?,
            ses: ses::start(Arc::clone(&state), Arc::clone(&published), clock.clone()).await?,
            stack,
            clock,
            state,
            database,
            published,
            ids: options.ids.clone(),
            rewire: options.rewire.clone(),
            metrics: options.metrics.clone(),
            lock,
        })
    }

    /// Returns each function's `Runtime`, by function name.
    pub(crate) fn runtimes(&self) -> Result<BTreeMap<String, Runtime>, Error> {
        let named = |function: &Function| Ok((function.name.clone(), self.runtime(function)?));
        self.stack.functions.iter().map(named).collect()
    }

    fn runtime(&self, function: &Function) -> Result<Runtime, Error> {
        let env = Env::of(self.variables(function));
        let metrics = Metrics::of_env(&env, self.metrics.clone());
        Ok(Runtime {
            metrics: metrics.map_err(|why| Error::Misconfigured(function.name.clone(), why))?,
            env,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            aws: self.rewire.iter().fold(self.aws(), |aws, rewire| rewire.apply(&function.name, aws)),
        })
    }

    /// Returns a function's environment from the template. The bucket's origin, which only AWS knows, is replaced by
    /// that of the local S3.
    fn variables(&self, function: &Function) -> BTreeMap<String, String> {
        let mut variables = function.environment.clone();
        variables.entry("DOWNLOADS_ORIGIN".to_owned()).and_modify(|origin| *origin = self.s3.url());
        variables
    }

    fn aws(&self) -> Aws {
        Aws::loopback(Endpoints {
            dynamodb: Some(self.dynamodb.url()),
            s3: Some(self.s3.url()),
            sesv2: Some(self.ses.url()),
        })
    }

    /// Returns a `Store` of the local desk itself, past the functions' rewired connections.
    fn store(&self, runtimes: &BTreeMap<String, Runtime>) -> Result<Store, Error> {
        let runtime = Runtime { aws: self.aws(), ..named(runtimes, "deliver")?.clone() };
        Store::new(&runtime).map_err(|why| Error::Misconfigured("deliver".to_owned(), why))
    }

    /// Makes the messages due that an earlier process had leased when it was killed. On AWS their leases end after 90 s.
    /// Here a clock that was set stands still, so that they never would, and the lock excludes any other process.
    pub(crate) async fn recover(&self, runtimes: &BTreeMap<String, Runtime>) -> Result<(), Error> {
        if self.lock.is_none() {
            return Ok(());
        }
        let store = self.store(runtimes)?;
        for message in store.due(Timestamp::MAX, usize::MAX).await? {
            store.make_due(&message, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Connects the table's stream and the schedule to `deliver`, as the template says.
    pub(crate) fn stream(&self, runtimes: &BTreeMap<String, Runtime>) -> Result<Arc<Stream>, Error> {
        let function = self.stack.functions.iter().find(|function| function.name == "deliver");
        let subscription = function.and_then(|function| function.stream.clone());
        let every = function.and_then(|function| function.schedule.as_ref()?.rate());
        let trigger = Trigger {
            deliver: functions::deliver(named(runtimes, "deliver")?)?,
            subscription: subscription.ok_or(Error::NoFunction("deliver that subscribes to the table's stream"))?,
            every: every.ok_or(Error::NoFunction("deliver with a schedule"))?,
            clock: self.clock.clone(),
        };
        let shard = self.database.stream(&self.stack.table.name)?;
        Stream::new(shard, trigger, self.feedback(runtimes)?, Arc::clone(&self.state))
    }

    /// Connects SES's delivery events to `bounce`, through the template's rule.
    fn feedback(&self, runtimes: &BTreeMap<String, Runtime>) -> Result<Feedback, Error> {
        let function = self.stack.functions.iter().find(|function| function.name == "bounce");
        let pattern = function.and_then(|function| function.rule.clone());
        let pattern = pattern.ok_or(Error::NoFunction("bounce with a rule for SES's events"))?;
        Feedback::new(Arc::clone(&self.published), pattern, functions::bounce(named(runtimes, "bounce")?)?)
    }

    /// Loads the demonstration data that is not stored yet, and returns the accounts that can sign in.
    pub(crate) async fn demo(&self, runtimes: &BTreeMap<String, Runtime>) -> Result<Vec<SignIn>, Error> {
        let county = named(runtimes, "deliver")?.env.parsed("COUNTY_EMAIL");
        let county = county.map_err(|why| Error::Misconfigured("deliver".to_owned(), why))?;
        Ok(demo::load(&self.store(runtimes)?, &Hasher::new(), &self.ids, self.clock.now(), &county).await?)
    }

    /// Returns the environment variables, one per line, with which functions of another process find these services.
    pub(crate) fn environment(&self) -> String {
        let mut variables: BTreeMap<_, _> =
            self.stack.functions.iter().flat_map(|function| self.variables(function)).collect();
        let aws = [
            ("AWS_ENDPOINT_URL_DYNAMODB", self.dynamodb.url()),
            ("AWS_ENDPOINT_URL_S3", self.s3.url()),
            ("AWS_ENDPOINT_URL_SESV2", self.ses.url()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ];
        variables.extend(aws.map(|(name, value)| (name.to_owned(), value)));
        // Quoted, because `cargo lambda watch` accepts spaces in quoted values only.
        let lines: Vec<String> = variables.iter().map(|(name, value)| format!("{name}=\"{value}\"\n")).collect();
        lines.concat()
    }

    pub(crate) async fn stop(self) {
        self.dynamodb.task.stop().await;
        self.s3.task.stop().await;
        self.ses.task.stop().await;
    }
}

pub(crate) fn named<'a>(runtimes: &'a BTreeMap<String, Runtime>, name: &'static str) -> Result<&'a Runtime, Error> {
    runtimes.get(name).ok_or(Error::NoFunction(name))
}

fn stack(options: &Options, portal_url: &str) -> Result<Stack, Error> {
    let template = options.template.as_deref().map_or_else(Template::built_in, Template::read)?;
    options.parameters.keys().try_for_each(|name| template.parameter(name))?;
    let mut parameters = options.parameters.clone();
    // All requests come from one address here, so the limit per source address must not apply.
    for (name, value) in [("CountyEmail", COUNTY_EMAIL), ("PortalUrl", portal_url), ("SourceLimit", "1000000")] {
        parameters.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    }
    Ok(template.resolve(&parameters)?)
}

/// Locks the data directory. Two local desks on one directory would both send its messages.
fn claim(directory: &Path) -> Result<File, Error> {
    let unusable = |error| Error::Directory(directory.to_owned(), error);
    std::fs::create_dir_all(directory).map_err(unusable)?;
    let lock = File::create(directory.join("lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(unusable(error)),
    }
}
