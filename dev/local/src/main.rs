//! The `local` command: see `cargo run -p local -- --help`.

mod flags;

use std::{
    future::pending,
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

use local::{LocalDesk, Options, Services};
use runtime::Env;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use flags::Command;

/// URL of `cargo lambda watch` in `make watch`.
const WATCH: &str = "http://127.0.0.1:9100";

#[tokio::main]
async fn main() -> ExitCode {
    let command = match flags::parse(lexopt::Parser::from_env()) {
        Ok(command) => command,
        Err(error) => {
            complain(&format!("{error}\n\n{}", flags::USAGE));
            return ExitCode::from(2);
        }
    };
    log();
    let ran = match command {
        Command::Help => {
            say(flags::USAGE.trim_end());
            Ok(())
        }
        Command::Desk(options, demo) => desk(of_environment(options), demo).await,
        Command::Services(options, env_file) => services(of_environment(options), env_file).await,
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error}\n"));
            ExitCode::FAILURE
        }
    }
}

async fn desk(options: Options, demo: bool) -> Result<(), local::Error> {
    let desk = LocalDesk::start(options).await?;
    say(&format!("listening on {}", desk.url()));
    let demonstration = async {
        if demo {
            desk.load_demo().await?.iter().for_each(|sign_in| say(&sign_in.to_string()));
        }
        pending::<Result<(), local::Error>>().await
    };
    tokio::select! {
        failed = demonstration => failed?,
        ended = stop_signal() => ended?,
    }
    desk.stop().await;
    Ok(())
}

async fn services(options: Options, env_file: Option<PathBuf>) -> Result<(), local::Error> {
    let url = Env::of_process().optional("PORTAL_URL").unwrap_or(WATCH).to_owned();
    // A script that waits for the file must not find that of an earlier run.
    if let Some(file) = env_file.as_ref().filter(|file| file.exists()) {
        std::fs::remove_file(file).map_err(|why| local::Error::EnvironmentFile(file.clone(), why))?;
    }
    let services = Services::start(options, &url).await?;
    if let Some(file) = env_file {
        services.write_environment(&file)?;
    }
    say(&format!(
        "dynamodb on {}\ns3 on {}\nsesv2 on {}",
        services.dynamodb_url(),
        services.s3_url(),
        services.ses_url()
    ));
    stop_signal().await?;
    services.stop().await;
    Ok(())
}

fn of_environment(mut options: Options) -> Options {
    if let Some(email) = Env::of_process().optional("COUNTY_EMAIL") {
        options.parameters.insert("CountyEmail".to_owned(), email.to_owned());
    }
    options
}

/// Waits for SIGINT or SIGTERM.
async fn stop_signal() -> Result<(), local::Error> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(local::Error::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(local::Error::Signals)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}

/// Starts logging to stderr. The engine is limited to errors, because it warns of each failed condition, a normal
/// event.
fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,dynoxide=error"));
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours).init();
}

/// Prints a line on stdout. A closed stdout is ignored.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
        tracing::debug!("stdout has no reader");
    }
}

fn complain(text: &str) {
    if std::io::stderr().write_all(text.as_bytes()).is_err() {
        tracing::debug!("stderr has no reader");
    }
}
