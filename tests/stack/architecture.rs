//! The floor plan: which crate may depend on which. Dependencies point down only: `dev → functions → infra → domain`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
};

use runtime::{Aws, Clock, Env, Ids, Metrics, Runtime};

use crate::support::{root, sources};

/// The top-level folders ("rooms"), from the bottom up.
const ROOMS: [&str; 4] = ["domain", "infra", "functions", "dev"];
/// Each SDK with the only crate that may depend on it.
const SDKS: [(&str, &str); 3] = [("aws-sdk-dynamodb", "store"), ("aws-sdk-s3", "downloads"), ("aws-sdk-sesv2", "mail")];
/// The maximum length of a test's name, so that the runner's report shows it in one line.
const LONGEST_NAME: usize = 60;
/// Functions that neither read nor write AWS resources.
const WITHOUT_AWS: [&str; 2] = ["portal", "unrouted"];

/// The dependencies of every package, without those of its tests.
struct Plan {
    /// The room of each of the project's crates, by name.
    rooms: BTreeMap<String, usize>,
    /// Direct dependencies as pairs of names.
    arrows: BTreeMap<String, BTreeSet<String>>,
}

impl Plan {
    /// Parses `cargo tree`, whose lines begin with their depth: `2domain v0.1.0 (/…/domain)`.
    fn drawn() -> Self {
        let root = root().canonicalize().unwrap();
        let mut plan = Self { rooms: BTreeMap::new(), arrows: BTreeMap::new() };
        let mut above: Vec<String> = Vec::new();
        for line in tree(&["--workspace", "--prefix", "depth"]).lines().filter(|line| !line.is_empty()) {
            let (depth, package) = line.split_at(line.find(|c: char| !c.is_ascii_digit()).unwrap());
            let name = package.split(' ').next().unwrap().to_owned();
            above.truncate(depth.parse().unwrap());
            if let Some(dependent) = above.last() {
                plan.arrows.get_mut(dependent).unwrap().insert(name.clone());
            }
            // Two versions of a crate count as one.
            plan.arrows.entry(name.clone()).or_default();
            plan.rooms.extend(room(package, &root).map(|room| (name.clone(), room)));
            above.push(name);
        }
        plan
    }

    /// Returns the dependencies between the project's crates.
    fn ours(&self) -> impl Iterator<Item = (&str, &str)> {
        self.rooms.keys().flat_map(|from| {
            let to = self.arrows[from].iter().filter(|to| self.rooms.contains_key(*to));
            to.map(move |to| (from.as_str(), to.as_str()))
        })
    }
}

/// Runs `cargo tree` without the dependencies of tests.
fn tree(of: &[&str]) -> String {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "no-dev"])
        .args(of)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    String::from_utf8(tree.stdout).unwrap()
}

/// Returns the crates that a crate is built of when it is built alone, itself included. Built together, crates share
/// features: `store` turns on the SDK features of `serde_dynamo`.
fn graph(name: &str) -> BTreeSet<String> {
    let tree = tree(&["--package", name, "--prefix", "none", "--format", "{p}"]);
    tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

/// Returns the room of a package of this repository.
fn room(package: &str, root: &Path) -> Option<usize> {
    let (_, place) = package.split_once('(')?;
    let place = Path::new(place.split(')').next()?).strip_prefix(root).ok()?;
    let room = place.iter().next()?;
    ROOMS.iter().position(|known| room == *known)
}

#[test]
fn arrows_point_down_only() {
    let plan = Plan::drawn();
    let [domain, infra, functions, dev] = [0, 1, 2, 3];
    assert_eq!(plan.rooms["domain"], domain);
    assert_eq!([plan.rooms["desk"], plan.rooms["portal"], plan.rooms["local"]], [infra, functions, dev]);
    let up = |(from, to): &(&str, &str)| {
        let (from, to) = (plan.rooms[*from], plan.rooms[*to]);
        // Crates within `infra` or `dev` may depend on each other. Only `dev` may depend on functions.
        to > from || (to == from && [domain, functions].contains(&from))
    };
    let up: Vec<_> = plan.ours().filter(up).collect();
    assert!(up.is_empty(), "back up: {up:?}");
}

#[test]
fn http_knows_no_table_and_each_sdk_has_one_crate() {
    let plan = Plan::drawn();
    for (sdk, owner) in SDKS {
        let named: Vec<_> = plan.rooms.keys().filter(|name| plan.arrows[*name].contains(sdk)).collect();
        assert_eq!(named, [owner], "{sdk}");
    }
    let others: BTreeSet<_> = plan.arrows.keys().filter(|name| name.starts_with("aws-sdk-")).map(|n| &**n).collect();
    assert_eq!(others, SDKS.map(|(sdk, _)| sdk).into());
    for name in ["edge", "runtime"].into_iter().chain(WITHOUT_AWS) {
        let graph = graph(name);
        assert!(graph.contains("domain"), "{name}: {graph:?}");
        let too_much = |part: &String| part.starts_with("aws-sdk-") || ["store", "desk"].contains(&part.as_str());
        let too_much: Vec<_> = graph.into_iter().filter(too_much).collect();
        assert!(too_much.is_empty(), "{name}: {too_much:?}");
    }
}

/// Returns a function's environment without region and credentials.
fn without_credentials() -> Runtime {
    let given = [
        ("CONTACT_EMAIL", "mdo@oise.example"),
        ("CONTACT_PHONE", "03 44 10 83 00"),
        ("DOWNLOADS_ORIGIN", "https://downloads.example"),
        ("TABLE_NAME", "Table"),
    ];
    let env = Env::of(given.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let aws = Aws::of_env(&env);
    Runtime { env, clock: Clock::System, ids: Ids::System, aws, metrics: Metrics::default() }
}

#[tokio::test]
async fn portal_and_unrouted_start_without_credentials() {
    for name in WITHOUT_AWS {
        let runtime = without_credentials();
        assert!(local::function(name, &runtime).is_ok(), "{name}");
        runtime.aws.warm().await;
        let asked = runtime.env.asked();
        assert!(!asked.contains("AWS_ACCESS_KEY_ID") && !asked.contains("AWS_REGION"), "{name}: {asked:?}");
    }
    let Err(why) = local::function("list", &without_credentials()) else { panic!("list needs credentials") };
    assert!(why.to_string().contains("AWS_ACCESS_KEY_ID"), "{why}");
}

/// Checks every function, because a macro turns the cases of the storage contract into tests.
#[test]
fn no_test_has_a_name_of_more_than_60_characters() {
    let code = ROOMS.into_iter().chain(["tests"]).map(|room| sources(&root().join(room))).collect::<String>();
    let mut words = code.split_whitespace();
    let mut long = Vec::new();
    let mut functions = 0;
    while words.any(|word| word == "fn") {
        let name = words.next().and_then(|word| word.split(|c: char| !c.is_alphanumeric() && c != '_').next());
        functions += 1;
        long.extend(name.filter(|name| name.len() > LONGEST_NAME));
    }
    assert!(functions > 1_000, "{functions}");
    assert!(long.is_empty(), "{long:#?}");
}
