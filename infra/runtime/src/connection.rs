//! The way to AWS's endpoints: one TLS stack (rustls on ring), Amazon's own five roots, one pool of connections that all
//! clients share and that is filled before the first call.

use std::{
    collections::BTreeSet,
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
};
use aws_smithy_types::byte_stream::ByteStream;

use crate::{Env, Misconfigured};

/// The roots that AWS's endpoints are certified by (<https://www.amazontrust.com/repository/>). The system's own store
/// has thirty times as many, and a start that parses them takes several times the instructions (docs/benchmarks.md).
const AMAZON: &[u8] = include_bytes!("amazon.pem");
/// The SDKs' own variable: a file of roots to trust instead.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// How long a connection may take to be there.
pub const CONNECT: Duration = Duration::from_secs(1);
/// What may be lost on opening connections early. Lambda gives a function ten seconds to start.
const WARMING: Duration = Duration::from_secs(2);

/// A pool of connections, and which hosts it will be asked for.
#[derive(Debug, Clone)]
pub(crate) struct Connections {
    connector: SharedHttpConnector,
    hosts: Arc<Mutex<BTreeSet<String>>>,
}

impl Connections {
    /// By TLS; to loopback endpoints in the clear as well.
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

    /// To this machine, in the clear.
    pub(crate) fn loopback() -> Self {
        Self::through(Connector::builder().connector_settings(settings()).build_http())
    }

    fn through(connector: Connector) -> Self {
        Self { connector: SharedHttpConnector::new(connector), hosts: Arc::default() }
    }

    /// What clients send by: always the same pool, whatever their timeouts.
    pub(crate) fn client(&self) -> SharedHttpClient {
        let connector = self.connector.clone();
        http_client_fn(move |_, _| connector.clone())
    }

    /// Notes that a client will call there.
    pub(crate) fn expect(&self, url: &str) {
        self.hosts.lock().unwrap_or_else(PoisonError::into_inner).insert(url.to_owned());
    }

    /// Opens a connection to each host that is to be called, so that no caller waits for a handshake. What is sent is a
    /// bare `GET /`, unsigned: it needs no permission, reads nothing and changes nothing, and `DynamoDB` answers it as a
    /// health check. Whatever the answer is, or if there is none, the function starts: its first call opens what is missing.
    pub(crate) async fn warm(&self) {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let opened = futures_util::future::join_all(hosts.iter().map(|url| self.open(url)));
        let _ = tokio::time::timeout(WARMING, opened).await;
    }

    async fn open(&self, url: &str) {
        let Ok(request) = HttpRequest::get(url) else { return };
        if let Ok(answer) = self.connector.call(request).await {
            // Read to its end, or the connection could not be used again.
            let _ = ByteStream::new(answer.into_body()).collect().await;
        }
    }
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
        // Panics where one of them does not parse.
        Connections::of_env(&Env::of([])).unwrap();
        let missing = Env::of([(CA_BUNDLE.to_owned(), "/nowhere.pem".to_owned())]);
        assert!(Connections::of_env(&missing).is_err(), "rather none than others than were asked for");
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
            // One connection, and both requests come by it.
            let (mut connection, _) = listener.accept().await.unwrap();
            for _ in 0..2 {
                let _ = connection.read(&mut [0; 4096]).await.unwrap();
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            }
        };
        let (answer, ()) = tokio::join!(called, served);
        assert_eq!(answer.status().as_u16(), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn who_does_not_answer_or_is_not_there_holds_nobody_up() {
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
