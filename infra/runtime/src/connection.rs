//! Connections to AWS's endpoints: one TLS stack (rustls on ring), Amazon's own five root certificates, one pool that
//! all clients share and that is filled before the first call.

use std::{
    collections::BTreeSet,
    error::Error,
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use aws_smithy_http_client::{
    Connector,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn},
    orchestrator::HttpRequest,
    result::ConnectorError,
};
use aws_smithy_types::byte_stream::ByteStream;

use crate::{Env, Misconfigured};

/// The root certificates of AWS's endpoints (<https://www.amazontrust.com/repository/>). The system's store has thirty
/// times as many, and a start that parses them takes several times the instructions (docs/benchmarks.md).
const AMAZON: &[u8] = include_bytes!("amazon.pem");
/// The SDKs' variable that names a file of roots to trust instead.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// The time that opening a connection may take.
pub const CONNECT: Duration = Duration::from_secs(1);
/// The time that opening connections early may take in all. Lambda gives a function ten seconds to start.
const WARMING: Duration = Duration::from_secs(2);

/// A pool of connections, and the hosts that clients will call.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    connector: SharedHttpConnector,
    hosts: Arc<Mutex<BTreeSet<String>>>,
}

impl Connections {
    /// Connects by TLS, and to loopback endpoints by plain HTTP too.
    pub(crate) fn of_env(env: &Env) -> Result<Self, Misconfigured> {
        let roots = match env.optional(CA_BUNDLE) {
            None => AMAZON.to_vec(),
            Some(file) => fs::read(file)
                .map_err(|why| Misconfigured::Invalid { name: CA_BUNDLE.to_owned(), why: why.to_string() })?,
        };
        let trusted = TrustStore::empty().with_pem_certificate(roots);
        let context = TlsContext::builder().with_trust_store(trusted).build();
        let context =
            context.map_err(|why| Misconfigured::Invalid { name: CA_BUNDLE.to_owned(), why: why.to_string() })?;
        let builder = Connector::builder().connector_settings(settings());
        Ok(Self::through(builder.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context).build()))
    }

    /// Connects to this machine only, by plain HTTP.
    pub(crate) fn loopback() -> Self {
        Self::through(Connector::builder().connector_settings(settings()).build_http())
    }

    fn through(connector: Connector) -> Self {
        Self { connector: SharedHttpConnector::new(connector), hosts: Arc::default() }
    }

    /// Returns the HTTP client for SDK clients. All share the same pool, whatever their timeouts.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let connector = self.connector.clone();
        http_client_fn(move |_, _| connector.clone())
    }

    /// Notes that a client will call `url`.
    pub(crate) fn expect(&self, url: &str) {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned());
    }

    /// Opens a connection to each noted host, so that no caller waits for a handshake.
    ///
    /// It sends an unsigned `GET /`, which needs no permission, reads nothing and changes nothing; `DynamoDB` answers
    /// it as a health check. The function starts with any answer and without one: its first call opens a missing
    /// connection.
    pub(crate) async fn warm(&self) {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let opened = futures_util::future::join_all(hosts.iter().map(|url| self.open(url)));
        let _ = tokio::time::timeout(WARMING, opened).await;
    }

    async fn open(&self, url: &str) {
        let Ok(request) = HttpRequest::get(url) else { return };
        if let Ok(answer) = self.connector.call(request).await {
            // A connection can only be used again once its answer has been read to the end.
            let _ = ByteStream::new(answer.into_body()).collect().await;
        }
    }
}

/// Returns whether a call failed before it had a connection, so that the service can't have received it.
pub fn never_connected(error: &ConnectorError) -> bool {
    let mut cause = Some(error as &dyn Error);
    while let Some(error) = cause {
        if error.downcast_ref().is_some_and(hyper_util::client::legacy::Error::is_connect) {
            return true;
        }
        cause = error.source();
    }
    false
}

fn settings() -> HttpConnectorSettings {
    HttpConnectorSettings::builder().connect_timeout(CONNECT).build()
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    #[test]
    fn only_amazon_s_roots_are_trusted_by_default() {
        let pem = std::str::from_utf8(AMAZON).unwrap();
        assert_eq!(pem.matches("BEGIN CERTIFICATE").count(), 5);
        // Panics if one of them does not parse.
        Connections::of_env(&Env::of([])).unwrap();
        let missing = Env::of([(CA_BUNDLE.to_owned(), "/nowhere.pem".to_owned())]);
        assert!(Connections::of_env(&missing).is_err(), "no other roots stand in for a missing bundle");
    }

    #[tokio::test]
    async fn the_first_call_reuses_the_connection_opened_early() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Connections::loopback();
        connections.expect(&url);
        let called = async {
            connections.warm().await;
            connections.connector.call(HttpRequest::get(&url).unwrap()).await.unwrap()
        };
        let served = async {
            // One connection serves both requests.
            let (mut connection, _) = listener.accept().await.unwrap();
            for _ in 0..2 {
                let _ = connection.read(&mut [0; 4096]).await.unwrap();
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            }
        };
        let (answer, ()) = tokio::join!(called, served);
        assert_eq!(answer.status().as_u16(), 200);
    }

    #[tokio::test]
    async fn c13_a_refused_connection_differs_from_a_lost_answer() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let connections = Connections::loopback();
        let call = connections.connector.call(HttpRequest::get(&url).unwrap());
        let heard = async {
            let (mut connection, _) = listener.accept().await.unwrap();
            let _ = connection.read(&mut [0; 4096]).await.unwrap();
        };
        let (answer, ()) = tokio::join!(call, heard);
        assert!(!never_connected(&answer.unwrap_err()));
        drop(listener);
        let refused = Connections::loopback().connector.call(HttpRequest::get(&url).unwrap()).await;
        assert!(never_connected(&refused.unwrap_err()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_or_missing_host_does_not_delay_the_start() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let connections = Connections::loopback();
        connections.expect(&format!("http://{}", silent.local_addr().unwrap()));
        connections.expect(&format!("http://{gone}"));
        connections.expect("no address at all");
        let began = tokio::time::Instant::now();
        connections.warm().await;
        assert!(began.elapsed() <= WARMING + Duration::from_millis(1), "{:?}", began.elapsed());
    }
}
