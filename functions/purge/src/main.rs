//! The function `purge` on Lambda.

use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let purge = purge::Purge::from_runtime(&runtime::Runtime::of_process()?)?;
    let purge = &purge;
    // The scheduler's event is ignored: the job decides from stored dates.
    lambda_runtime::run(service_fn(|_: LambdaEvent<serde_json::Value>| async move {
        purge.run().await.map_err(Error::from)
    }))
    .await
}
