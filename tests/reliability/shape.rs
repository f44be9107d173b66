//! The contents of the table without random values, so that two desks with the same history compare as equal.

use serde_json::{Map, Value};

/// Partition prefixes of items that only count requests or reserve something, and record no change.
const BOOKKEEPING: [&str; 4] = ["SOURCE", "TRIES", "DECOY", "LOGKEY"];

/// Returns the table's shape: its items as text, sorted.
pub(crate) fn shape(items: &[Value]) -> Vec<String> {
    let counts = |item: &&Value| !BOOKKEEPING.iter().any(|kind| item["pk"].as_str().unwrap().starts_with(kind));
    let mut shape: Vec<String> = items.iter().filter(counts).map(|item| steady("", item).to_string()).collect();
    shape.sort();
    shape
}

fn steady(name: &str, value: &Value) -> Value {
    match value {
        // The shard depends on the random id.
        Value::String(text) if name == "shardHalf" => text.split('#').next().into(),
        Value::String(_) if name == "secret" => "<secret>".into(),
        Value::String(text) if text.starts_with("$argon2") => "<hash>".into(),
        Value::String(text) => text.split_inclusive(['#', ' ']).map(steady_word).collect::<String>().into(),
        Value::Array(values) => values.iter().map(|value| steady("", value)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), steady(name, value))).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

/// Replaces ids (24 hexadecimal digits) and digests (22 or 43 letters) by a placeholder; returns other words unchanged.
fn steady_word(word: &str) -> String {
    let bare = word.trim_end_matches(['#', ' ']);
    let is_id = bare.len() == 24 && bare.bytes().all(|b| b.is_ascii_hexdigit());
    let letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let is_digest = matches!(bare.len(), 22 | 43) && bare.bytes().all(letter);
    if is_id || is_digest { word.replace(bare, "<random>") } else { word.to_owned() }
}
