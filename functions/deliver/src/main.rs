//! The function `deliver` on Lambda.

use lambda_runtime::{Error, LambdaEvent, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_runtime::tracing::init_default_subscriber();
    let runtime = runtime::Runtime::of_process()?;
    let (deliver, clock) = (&deliver::Deliver::from_runtime(&runtime)?, &runtime.clock);
    lambda_runtime::run(service_fn(|event: LambdaEvent<serde_json::Value>| async move {
        deliver.answer(event.payload, clock.until(event.context.deadline)).await.map_err(Error::from)
    }))
    .await
}
