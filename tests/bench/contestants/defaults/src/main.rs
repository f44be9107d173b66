//! The function `list`, line for line, on the connection that `aws_config::load_defaults` makes with all default
//! features, as most functions do. With `ONLY_CALLS`, makes only the calls to `DynamoDB` that `CALLS` names.

mod queries;

use std::convert::Infallible;

use edge::Endpoint;
use lambda_http::{Error, Request, run, service_fn};
use list::List;
use runtime::{Aws, Clock, Endpoints, Env, Ids, Metrics, Runtime, Sink};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::tracing::init_default_subscriber();
    let env = Env::of_process();
    let dynamodb = env.optional("AWS_ENDPOINT_URL_DYNAMODB").map(str::to_owned);
    let config = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    if env.optional("ONLY_CALLS").is_some() {
        return queries::run(&config, env.required("CALLS")?).await;
    }
    let aws = Aws::loopback(Endpoints { dynamodb, ..Endpoints::default() }).with(|_| config.into_builder())?;
    let metrics = Metrics::of_env(&env, Sink::Stdout)?;
    let runtime = &Runtime { env, clock: Clock::System, ids: Ids::System, aws, metrics };
    let list = &List::from_runtime(runtime)?;
    run(service_fn(|request: Request| async move { Ok::<_, Infallible>(edge::respond(list, runtime, request).await) }))
    .await
}
