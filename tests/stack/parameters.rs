//! The values that a deployment accepts for the parameters of `template.yaml`.

use local::template::Template;
use serde_json::{Value, json};

/// Returns the template's parameters whose names end so.
fn parameters(suffix: &str) -> Vec<(String, Value)> {
    let template = Template::built_in().unwrap();
    let all = template.document()["Parameters"].as_object().unwrap();
    all.iter().filter(|(name, _)| name.ends_with(suffix)).map(|(name, it)| (name.clone(), it.clone())).collect()
}

/// Asserts which values CloudFormation accepts. It applies a list's pattern to each of its values.
fn assert_accepted(suffix: &str, good: &[&str], bad: &[&str]) {
    let found = parameters(suffix);
    assert!(!found.is_empty(), "{suffix}");
    for (name, parameter) in found {
        let pattern = parameter["AllowedPattern"].as_str().unwrap_or_else(|| panic!("{name} takes anything"));
        assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{name}: the whole value");
        assert!(parameter["ConstraintDescription"].is_string(), "{name}: the refusal says why");
        let accepted = |value: &str| jsonschema::is_valid(&json!({ "pattern": pattern }), &json!(value));
        let default = parameter["Default"].as_str().unwrap();
        for value in good.iter().chain([&default]) {
            assert!(accepted(value), "{name} refuses {value:?}");
        }
        for value in bad {
            assert!(!accepted(value), "{name} accepts {value:?}");
        }
    }
}

const ORIGINS: [&str; 3] =
    ["https://usagers.oise.fr", "https://a1-b2.execute-api.eu-west-3.amazonaws.com", "https://x.fr:8443"];
const NOT_ORIGINS: [&str; 11] = [
    "",
    "*",
    "null",
    "http://usagers.oise.fr",
    "https://usagers.oise.fr/",
    "https://usagers.oise.fr/portail",
    "https://*.oise.fr",
    "https://a@oise.fr",
    "https://usagers.oise.fr https://evil.example",
    "https://",
    "javascript:alert(1)//https://oise.fr",
];

#[test]
fn s20_the_portal_s_url_is_https_without_a_slash() {
    assert_accepted("Url", &ORIGINS, &NOT_ORIGINS);
}

#[test]
fn s20_only_named_https_origins_may_call_the_api() {
    assert_accepted("Origins", &ORIGINS, &NOT_ORIGINS);
}

#[test]
fn s20_addresses_are_plain() {
    let good = ["mdo@oise.fr", "CONTACT-MDO@oise.fr", "a.b+c_d@x.y.example"];
    let bad = [
        "",
        "mdo",
        "mdo@oise",
        "MDO <mdo@oise.fr>",
        "a@b.fr,c@d.fr",
        "a?bcc=x@y.fr",
        "a@b.fr\n",
        "a b@c.fr",
        "a&b@c.fr",
    ];
    assert_accepted("Email", &good, &bad);
    assert_accepted("From", &good, &bad);
}
