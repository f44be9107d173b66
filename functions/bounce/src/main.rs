//! The function `bounce` on Lambda.

use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let bounce = &bounce::Bounce::from_runtime(&runtime::Runtime::of_process()?)?;
    lambda_runtime::run(service_fn(|event: LambdaEvent<serde_json::Value>| async move {
        // On the heap: the compiler limits how deep futures are within each other.
        Box::pin(bounce.answer(event.payload)).await.map_err(Error::from)
    }))
    .await
}
