//! The parts of a template that the local desk uses: table, bucket, and functions with their environment and triggers.

use std::{collections::BTreeMap, time::Duration};

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Error,
    resolve::{Scope, text},
};

/// Lambda's timeout of a function that sets none.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(3);

/// A template with its references resolved.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The table.
    pub table: Table,
    /// The functions, in alphabetical order.
    pub functions: Vec<Function>,
    /// CORS settings of the API, if it has any.
    pub cors: Option<Cors>,
    /// The bucket.
    pub bucket: Bucket,
}

/// The one bucket.
#[derive(Debug, Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Days after which objects expire.
    pub days: i64,
    /// Response headers that pages of other origins may read.
    pub exposed: Vec<String>,
}

/// CORS settings of the gateway, as in SAM's `CorsConfiguration`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Cors {
    /// Allowed origins, for example `https://www.oise.example`.
    pub allow_origins: Vec<String>,
    /// Methods that these origins may use.
    pub allow_methods: Vec<String>,
    /// Request headers that these origins may send.
    pub allow_headers: Vec<String>,
    /// Response headers that these origins may read.
    pub expose_headers: Vec<String>,
    /// Seconds for which browsers cache a preflight.
    pub max_age: u32,
}

/// The one table.
#[derive(Debug, Clone)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its definition, in the format of `CreateTable`.
    pub definition: Value,
    /// The TTL attribute, if TTL is configured.
    pub time_to_live: Option<String>,
}

/// One function.
#[derive(Debug, Clone)]
pub struct Function {
    /// The name of its binary and crate.
    pub name: String,
    /// Its environment variables, those of Globals included.
    pub environment: BTreeMap<String, String>,
    /// The routes that lead to it.
    pub routes: Vec<Route>,
    /// Its schedule, if it has one.
    pub schedule: Option<Schedule>,
    /// Its subscription to the table's stream, if it has one.
    pub stream: Option<Subscription>,
    /// The event pattern of its EventBridge rule, if it has one.
    pub rule: Option<Value>,
}

/// A route, in the gateway's notation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// `GET`, …, or `ANY`.
    pub method: String,
    /// `/registrations/{id}`, or `$default`.
    pub path: String,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// `cron(…)` or `rate(…)`.
    pub expression: String,
    /// The time zone of the expression.
    pub time_zone: Option<String>,
}

impl Schedule {
    /// Returns the interval of `rate(…)`; `None` for other expressions.
    pub fn rate(&self) -> Option<SignedDuration> {
        let (count, unit) = self.expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
        let hours = match unit.trim_end_matches('s') {
            "minute" => return Some(SignedDuration::from_mins(count.parse().ok()?)),
            "hour" => 1,
            "day" => 24,
            _ => return None,
        };
        Some(SignedDuration::from_hours(hours * count.parse::<i64>().ok()?))
    }
}

/// A subscription to the table's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Maximum number of records per call.
    pub batch_size: usize,
    /// Patterns, one of which must match. An empty list matches everything.
    pub patterns: Vec<Value>,
    /// Retries of a record before it goes to the failure queue. `None`: as long as the stream holds the record.
    pub retries: Option<u32>,
    /// Whether a batch whose call failed is split in two.
    pub bisects: bool,
    /// The function's timeout.
    pub time: Duration,
}

pub(super) fn read(document: &Value, given: &BTreeMap<String, String>) -> Result<Stack, Error> {
    let scope = Scope::new(document, given);
    let resources = document["Resources"].as_object().ok_or_else(|| Error::Missing("Resources".to_owned()))?;
    let of_type = |kind: &'static str| resources.iter().filter(move |(_, resource)| resource["Type"] == kind);
    let mut tables = of_type("AWS::DynamoDB::Table");
    let (Some((name, table)), None) = (tables.next(), tables.next()) else {
        return Err(Error::Missing("exactly one AWS::DynamoDB::Table".to_owned()));
    };
    let table = read_table(&scope, name, table)?;
    let mut buckets = of_type("AWS::S3::Bucket");
    let (Some((name, bucket)), None) = (buckets.next(), buckets.next()) else {
        return Err(Error::Missing("exactly one AWS::S3::Bucket".to_owned()));
    };
    let bucket = read_bucket(&scope, name, bucket)?;
    let functions = of_type("AWS::Serverless::Function").map(|(id, function)| read_function(&scope, id, function));
    let mut functions = functions.collect::<Result<Vec<_>, _>>()?;
    functions.sort_by(|one, other| one.name.cmp(&other.name));
    let cors = of_type("AWS::Serverless::HttpApi").find_map(|(_, api)| api["Properties"].get("CorsConfiguration"));
    let cors = cors.map(|cors| Ok::<_, Error>(serde_json::from_value(scope.resolve(cors)?)?)).transpose()?;
    Ok(Stack { table, functions, cors, bucket })
}

fn read_table(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Table, Error> {
    let Value::Object(mut definition) = scope.resolve(&resource["Properties"])? else {
        return Err(Error::Missing(format!("{id}: Properties")));
    };
    let name = definition.entry("TableName").or_insert_with(|| id.into()).as_str().unwrap_or(id).to_owned();
    let time_to_live = definition.remove("TimeToLiveSpecification");
    let time_to_live = time_to_live.and_then(|spec| Some(spec["AttributeName"].as_str()?.to_owned()));
    // CloudFormation and CreateTable differ in these properties.
    if let Some(Value::Object(stream)) = definition.get_mut("StreamSpecification") {
        stream.insert("StreamEnabled".to_owned(), true.into());
    }
    for name in ["PointInTimeRecoverySpecification", "SSESpecification", "Tags"] {
        definition.remove(name);
    }
    if let Some(protected) = definition.get_mut("DeletionProtectionEnabled") {
        *protected = (text(protected) == "true").into();
    }
    Ok(Table { name, definition: definition.into(), time_to_live })
}

fn read_bucket(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Bucket, Error> {
    let properties = scope.resolve(&resource["Properties"])?;
    let missing = |what: &str| Error::Missing(format!("{id}: {what}"));
    let days = properties["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"].as_i64();
    let exposed = &properties["CorsConfiguration"]["CorsRules"][0]["ExposedHeaders"];
    Ok(Bucket {
        name: id.to_owned(),
        days: days.ok_or_else(|| missing("an expiration in days"))?,
        exposed: serde_json::from_value(exposed.clone()).map_err(|_| missing("exposed headers"))?,
    })
}

/// Returns the binary of a function with these properties: the last folder of its `CodeUri`.
pub fn binary(properties: &Value) -> Option<&str> {
    properties["CodeUri"].as_str()?.rsplit('/').next()
}

fn read_function(scope: &Scope<'_>, id: &str, resource: &Value) -> Result<Function, Error> {
    let properties = &resource["Properties"];
    let name = binary(properties).ok_or_else(|| Error::Missing(format!("{id}: CodeUri")))?.to_owned();
    let environment = variables(scope, &properties["Environment"]["Variables"])?;
    let mut function = Function { name, environment, routes: vec![], schedule: None, stream: None, rule: None };
    for event in properties["Events"].as_object().into_iter().flat_map(Map::values) {
        let how = &event["Properties"];
        match event["Type"].as_str() {
            Some("HttpApi") => function.routes.push(route(how)),
            Some("ScheduleV2" | "Schedule") => function.schedule = Some(schedule(scope, how)?),
            Some("DynamoDB") => function.stream = Some(subscription(scope, how, &properties["Timeout"])?),
            Some("EventBridgeRule") => function.rule = Some(scope.resolve(&how["Pattern"])?),
            // A failure queue that is processed by hand: the local desk has no queues.
            Some("SQS") if how["Enabled"] == false => {}
            other => {
                return Err(Error::Unsupported(format!("{id}: an event of type {other:?}")));
            }
        }
    }
    Ok(function)
}

fn variables(scope: &Scope<'_>, variables: &Value) -> Result<BTreeMap<String, String>, Error> {
    let Value::Object(variables) = scope.resolve(variables)? else {
        return Ok(BTreeMap::new());
    };
    Ok(variables.into_iter().map(|(name, value)| (name, text(&value))).collect())
}

fn route(how: &Value) -> Route {
    let of = |name: &str, otherwise: &str| how[name].as_str().unwrap_or(otherwise).to_owned();
    Route { method: of("Method", "ANY").to_uppercase(), path: of("Path", "$default") }
}

fn schedule(scope: &Scope<'_>, how: &Value) -> Result<Schedule, Error> {
    let how = scope.resolve(how)?;
    let expression = how.get("ScheduleExpression").or_else(|| how.get("Schedule")).map(text);
    Ok(Schedule {
        expression: expression.ok_or_else(|| Error::Missing("a schedule's expression".to_owned()))?,
        time_zone: how.get("ScheduleExpressionTimezone").map(text),
    })
}

fn subscription(scope: &Scope<'_>, how: &Value, time: &Value) -> Result<Subscription, Error> {
    let (how, time) = (scope.resolve(how)?, scope.resolve(time)?);
    let filters = how["FilterCriteria"]["Filters"].as_array().into_iter().flatten();
    let patterns = filters.map(|filter| Ok(serde_json::from_str(&text(&filter["Pattern"]))?));
    let number = |name: &str| how.get(name).and_then(|value| text(value).parse::<i64>().ok());
    Ok(Subscription {
        batch_size: number("BatchSize").and_then(|size| usize::try_from(size).ok()).unwrap_or(100),
        patterns: patterns.collect::<Result<_, Error>>()?,
        retries: number("MaximumRetryAttempts").and_then(|tries| u32::try_from(tries).ok()),
        bisects: how.get("BisectBatchOnFunctionError").is_some_and(|bisects| text(bisects) == "true"),
        time: time.as_u64().map_or(DEFAULT_TIMEOUT, Duration::from_secs),
    })
}
