//! The command line.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use jiff::Timestamp;
use lexopt::{Arg, Parser, ValueExt};
use local::Options;

/// The help text.
pub(crate) const USAGE: &str = "\
The local desk: the functions of template.yaml on this machine, over an embedded DynamoDB.

local [--listen ADDRESS:PORT] [--data DIR | --memory] [--demo] [--now INSTANT]
local --backing [--env-file FILE] [--data DIR | --memory]

  --listen ADDRESS:PORT  address to listen on; loopback only, port 0 for a free one (127.0.0.1:3000)
  --data DIR             keep everything in DIR, across restarts and crashes
  --memory               keep nothing (the default)
  --demo                 load libraries, staff and invented patrons; print the accounts that can sign in
  --now INSTANT          set the clock, for example to 2026-11-24T08:00:00Z
  --template FILE        use this template instead of the built-in one
  --parameter NAME=VALUE override the default of a template parameter
  --backing              serve only DynamoDB, S3 and SES, for functions run by cargo lambda watch
  --env-file FILE        with --backing: write the functions' environment to FILE
  --help                 this text

Environment: COUNTY_EMAIL is the e-mail of the county's first account (mdo@oise.example); with --backing, PORTAL_URL is
the functions' URL (http://127.0.0.1:9100); RUST_LOG is the log filter of stderr (warn).
";

/// A parsed command line.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print the help text.
    Help,
    /// Run a local desk; `true` loads the demonstration.
    Desk(Options, bool),
    /// Run the backing services, and write their environment to a file.
    Services(Options, Option<PathBuf>),
}

pub(crate) fn parse(mut arguments: Parser) -> Result<Command, lexopt::Error> {
    let mut options = Options { listen: (Ipv4Addr::LOCALHOST, 3000).into(), ..Options::default() };
    let (mut memory, mut demo, mut backing, mut env_file, mut only_a_desk) = (false, false, false, None, None);
    while let Some(argument) = arguments.next()? {
        match argument {
            Arg::Long("listen") => {
                options.listen = arguments.value()?.parse_with(address)?;
                only_a_desk = Some("--listen");
            }
            Arg::Long("data") => options.data = Some(arguments.value()?.into()),
            Arg::Long("memory") => memory = true,
            Arg::Long("demo") => {
                demo = true;
                only_a_desk = Some("--demo");
            }
            Arg::Long("now") => {
                options.now = Some(arguments.value()?.parse_with(instant)?);
                only_a_desk = Some("--now");
            }
            Arg::Long("template") => options.template = Some(arguments.value()?.into()),
            Arg::Long("parameter") => options.parameters.extend([arguments.value()?.parse_with(parameter)?]),
            Arg::Long("backing") => backing = true,
            Arg::Long("env-file") => env_file = Some(arguments.value()?.into()),
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            other => return Err(other.unexpected()),
        }
    }
    match (backing, only_a_desk) {
        _ if memory && options.data.is_some() => Err("--memory and --data exclude each other".into()),
        (true, Some(flag)) => Err(format!("{flag} and --backing exclude each other").into()),
        (true, None) => Ok(Command::Services(options, env_file)),
        (false, _) if env_file.is_some() => Err("--env-file goes with --backing".into()),
        (false, _) => Ok(Command::Desk(options, demo)),
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    let address: SocketAddr =
        numeric.as_deref().unwrap_or(text).parse().map_err(|_| "as in 127.0.0.1:3000".to_owned())?;
    if address.ip().is_loopback() { Ok(address) } else { Err(local::Error::NotLoopback(address.ip()).to_string()) }
}

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| "as in GraceDays=3".to_owned())?;
    Ok((name.to_owned(), value.to_owned()))
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let now: Timestamp = text.parse().map_err(|_| "as in 2026-11-24T08:00:00Z".to_owned())?;
    if local::within_reason(now) { Ok(now) } else { Err("between 2000 and 2100".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command, lexopt::Error> {
        parse(Parser::from_args(line.split_whitespace()))
    }

    #[test]
    fn without_flags_a_desk_in_memory_listens_on_port_3000() {
        let Ok(Command::Desk(options, demo)) = parsed("") else { panic!("a desk") };
        assert_eq!((options.listen.to_string().as_str(), options.data, demo), ("127.0.0.1:3000", None, false));
    }

    #[test]
    fn flags_are_parsed() {
        let line = "--listen localhost:0 --data there --demo --now=2026-11-24T09:00:00+01:00 --parameter GraceDays=3";
        let Ok(Command::Desk(options, demo)) = parsed(line) else { panic!("a desk") };
        assert_eq!(options.listen.to_string(), "127.0.0.1:0");
        assert_eq!((options.data, demo), (Some("there".into()), true));
        assert_eq!(options.parameters, [("GraceDays".to_owned(), "3".to_owned())].into());
        assert_eq!(options.now, Some("2026-11-24T08:00:00Z".parse().unwrap()));
        let Ok(Command::Services(_, env_file)) = parsed("--backing --env-file x") else { panic!("services") };
        assert_eq!(env_file, Some("x".into()));
    }

    #[test]
    fn invalid_command_lines_are_refused() {
        for line in [
            "--listen 0.0.0.0:3000",
            "--listen 192.168.1.2:80",
            "--listen somewhere",
            "--now yesterday",
            "--now 9999-01-01T00:00:00Z",
            "--memory --data x",
            "--env-file x",
            "--backing --demo",
            "--parameter GraceDays",
            "--unknown",
            "stray",
            "--data",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
