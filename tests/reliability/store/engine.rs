//! The two engines.

use std::{path::PathBuf, process::Stdio, time::Duration};

use local::{LocalDesk, Options};
use runtime::{Aws, Clock, Endpoints, Env, Ids, Metrics, Runtime};
use store::Store;
use tokio::{
    net::TcpListener,
    process::{Child, Command},
};

use crate::support::engine::create_table;

/// The variable that names the folder into which `make tools` unpacks `DynamoDB` Local.
const LOCAL_DIR: &str = "DYNAMODB_LOCAL_DIR";

/// The local desk's embedded engine, served over HTTP.
pub(crate) struct Engine {
    local: LocalDesk,
}

impl Engine {
    pub(crate) async fn embedded() -> Self {
        Self { local: LocalDesk::start(Options::default()).await.expect("the local desk starts") }
    }

    pub(crate) async fn store(&self, table: &str) -> Store {
        let url = self.local.dynamodb_url();
        create_table(&url, table).await;
        store_at(&url, table)
    }
}

/// AWS's own `DynamoDB` Local, a Java program.
pub(crate) struct DynamoDbLocal {
    process: Child,
    url: String,
}

impl DynamoDbLocal {
    /// Starts it on a free port. Returns `None` and prints a warning if it is not installed; in CI that is an error.
    pub(crate) async fn start() -> Option<Self> {
        let Some(folder) = variable(LOCAL_DIR).map(PathBuf::from) else {
            assert!(variable("CI").is_none(), "CI must run the contract on DynamoDB Local: {LOCAL_DIR} is not set");
            println!("SKIPPED: the contract on DynamoDB Local ({LOCAL_DIR} is not set; `make test` sets it)");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let process = Command::new("java")
            .current_dir(&folder)
            .args(["-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory", "-sharedDb"])
            .args(["-disableTelemetry", "-port", &port.to_string()])
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("java starts");
        let url = format!("http://127.0.0.1:{port}");
        wait_for(&url).await;
        Some(Self { process, url })
    }

    pub(crate) async fn store(&self, table: &str) -> Store {
        create_table(&self.url, table).await;
        store_at(&self.url, table)
    }

    pub(crate) async fn stop(mut self) {
        self.process.kill().await.expect("it stops");
    }
}

/// Polls until the engine answers. It takes some seconds to start and does not report when it is ready.
async fn wait_for(url: &str) {
    let http = reqwest::Client::new();
    let mut again = tokio::time::interval(Duration::from_millis(200));
    let answers = async {
        loop {
            again.tick().await;
            if http.get(url).send().await.is_ok() {
                break;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), answers).await.expect("DynamoDB Local answers within a minute");
}

fn store_at(url: &str, table: &str) -> Store {
    let env = Env::of([("TABLE_NAME".to_owned(), table.to_owned())]);
    let endpoints = Endpoints { dynamodb: Some(url.to_owned()), ..Endpoints::default() };
    let (aws, metrics) = (Aws::loopback(endpoints), Metrics::default());
    let runtime = Runtime { env, clock: Clock::System, ids: Ids::System, aws, metrics };
    Store::new(&runtime).expect("the table is named")
}

#[expect(clippy::disallowed_methods, reason = "make and CI pass it to the tests")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
