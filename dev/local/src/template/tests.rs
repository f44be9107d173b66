use std::collections::BTreeMap;

use serde_json::json;

use super::{Error, Route, Schedule, Stack, Template};

const TEMPLATE: &str = r#"
Parameters:
  CountyEmail: { Type: String }
  GraceDays: { Type: Number, Default: 2 }
  DomainName: { Type: String, Default: "" }
Conditions:
  HasDomain: !Not [!Equals [!Ref DomainName, ""]]
Globals:
  Function:
    Environment:
      Variables:
        TABLE_NAME: !Ref Desk
        LOG: !Sub "${AWS::StackName}-${GraceDays}-${!kept}"
Resources:
  Desk:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      StreamSpecification: { StreamViewType: KEYS_ONLY }
      TimeToLiveSpecification: { AttributeName: expiresAt, Enabled: true }
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }
  Files:
    Type: AWS::S3::Bucket
    Properties:
      LifecycleConfiguration: { Rules: [{ Status: Enabled, ExpirationInDays: 1 }] }
      CorsConfiguration: { CorsRules: [{ AllowedOrigins: ["*"], ExposedHeaders: [Content-Disposition] }] }
  Listing:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/list
      Environment:
        Variables:
          DOMAIN: !If [HasDomain, !Ref DomainName, !Ref "AWS::NoValue"]
          LOG: own
      Events:
        One: { Type: HttpApi, Properties: { Path: "/registrations/{id}", Method: get } }
        Rest: { Type: HttpApi, Properties: { Path: $default } }
  Escalation:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/escalate
      Timeout: 60
      Environment: { Variables: { COUNTY_EMAIL: !Ref CountyEmail, GRACE_DAYS: !Ref GraceDays } }
      Events:
        Daily:
          Type: ScheduleV2
          Properties: { ScheduleExpression: "cron(0 7 * * ? *)", ScheduleExpressionTimezone: Europe/Paris }
        Mails:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Desk.StreamArn
            BatchSize: 10
            MaximumRetryAttempts: 5
            FilterCriteria: { Filters: [{ Pattern: '{"eventName": ["INSERT"]}' }] }
        Events:
          Type: EventBridgeRule
          Properties: { Pattern: { source: [aws.ses], detail: { tags: { set: [!Ref Desk] } } } }
"#;

fn resolved(given: &[(&str, &str)]) -> Result<Stack, Error> {
    let given: BTreeMap<_, _> = given.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Template::parse(TEMPLATE)?.resolve(&given)
}

#[test]
fn a_function_has_the_environment_of_globals_and_its_own() {
    let stack = resolved(&[("CountyEmail", "mdo@oise.example")]).unwrap();
    let [escalate, list] = &stack.functions[..] else { panic!("two functions: {stack:?}") };
    assert_eq!((&*escalate.name, &*list.name), ("escalate", "list"));
    let variables = |pairs: &[(&str, &str)]| pairs.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect();
    let expected: BTreeMap<_, _> = variables(&[("LOG", "own"), ("TABLE_NAME", "Desk")]);
    assert_eq!(list.environment, expected);
    let expected: BTreeMap<_, _> = variables(&[
        ("COUNTY_EMAIL", "mdo@oise.example"),
        ("GRACE_DAYS", "2"),
        ("LOG", "local-2-${kept}"),
        ("TABLE_NAME", "Desk"),
    ]);
    assert_eq!(escalate.environment, expected);
}

#[test]
fn a_function_has_routes_schedule_stream_and_rule() {
    let stack = resolved(&[("CountyEmail", "mdo@oise.example"), ("DomainName", "x.example")]).unwrap();
    let [escalate, list] = &stack.functions[..] else { panic!("two functions: {stack:?}") };
    let route = |method: &str, path: &str| Route { method: method.to_owned(), path: path.to_owned() };
    assert_eq!(list.routes, [route("GET", "/registrations/{id}"), route("ANY", "$default")]);
    assert_eq!(list.environment["DOMAIN"], "x.example");
    let daily = Schedule { expression: "cron(0 7 * * ? *)".to_owned(), time_zone: Some("Europe/Paris".to_owned()) };
    assert_eq!(escalate.schedule, Some(daily));
    let rate = |expression: &str| Schedule { expression: expression.to_owned(), time_zone: None }.rate();
    let minutes = ["rate(5 minutes)", "rate(1 hour)", "rate(2 days)", "cron(0 7 * * ? *)"].map(rate);
    assert_eq!(minutes.map(|rate| rate.map(|rate| rate.as_mins())), [Some(5), Some(60), Some(2880), None]);
    let stream = escalate.stream.clone().unwrap();
    assert_eq!((stream.batch_size, stream.retries, stream.time.as_secs()), (10, Some(5), 60));
    assert_eq!(stream.patterns, [json!({ "eventName": ["INSERT"] })]);
    assert_eq!(escalate.rule, Some(json!({ "source": ["aws.ses"], "detail": { "tags": { "set": ["Desk"] } } })));
}

#[test]
fn the_table_has_the_format_of_create_table() {
    let table = resolved(&[("CountyEmail", "mdo@oise.example")]).unwrap().table;
    assert_eq!((&*table.name, table.time_to_live.as_deref()), ("Desk", Some("expiresAt")));
    let expected = json!({
        "TableName": "Desk",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "StreamSpecification": { "StreamViewType": "KEYS_ONLY", "StreamEnabled": true },
    });
    assert_eq!(table.definition, expected);
}

#[test]
fn a_reference_without_target_is_named() {
    let broken = TEMPLATE.replace("!Ref Desk\n", "!Ref Dsek\n");
    assert!(matches!(Template::parse(&broken), Err(Error::Unresolvable(name)) if name == "Dsek"));
    let broken = TEMPLATE.replace("${GraceDays}", "${GraceDaze}");
    assert!(matches!(Template::parse(&broken), Err(Error::Unresolvable(name)) if name == "GraceDaze"));
    let broken = TEMPLATE.replace("!GetAtt Desk.StreamArn", "!GetAtt Disk.StreamArn");
    assert!(matches!(Template::parse(&broken), Err(Error::Unresolvable(name)) if name == "Disk"));
}

#[test]
fn references_are_resolved_at_any_depth_and_in_any_spelling() {
    let at = TEMPLATE.find("Resources:").unwrap();
    for (broken, missing) in [
        ("Outputs: { A: { Value: !Ref Nothing } }\n", "Nothing"),
        ("Outputs: { A: { Value: { 'Fn::GetAtt': Nothing.Arn } } }\n", "Nothing"),
        ("Outputs: { A: { Value: !GetAtt CountyEmail.Arn } }\n", "CountyEmail"),
        ("Outputs: { A: { Value: !Sub '${CountyEmail.Arn}' } }\n", "CountyEmail"),
        ("Outputs: { A: { Value: !Ref 'AWS::Regoin' } }\n", "AWS::Regoin"),
        ("Outputs: { A: { Value: !If [HasDomian, 1, 2] } }\n", "HasDomian"),
    ] {
        let text = format!("{}{broken}{}", &TEMPLATE[..at], &TEMPLATE[at..]);
        let error = Template::parse(&text);
        assert!(matches!(&error, Err(Error::Unresolvable(name)) if name == missing), "{broken}: {error:?}");
    }
    for (of, missing) in [("Condition: Nowhere", "Nowhere"), ("DependsOn: [Desk, Dsek]", "Dsek")] {
        let text = TEMPLATE.replace("  Listing:\n", &format!("  Listing:\n    {of}\n"));
        assert!(matches!(Template::parse(&text), Err(Error::Unresolvable(name)) if name == missing), "{of}");
    }
}

#[test]
fn a_rule_generated_by_sam_is_a_valid_target() {
    let referring = |rule: &str| TEMPLATE.replace("!GetAtt Desk.StreamArn", &format!("!GetAtt {rule}.Arn"));
    assert!(Template::parse(&referring("EscalationEvents")).is_ok());
    assert!(matches!(Template::parse(&referring("EscalationDaily")), Err(Error::Unresolvable(_))));
}

#[test]
fn a_loop_expands_its_body_once_per_item() {
    let looping = TEMPLATE.replace(
        "  Listing:\n",
        r#"  "Fn::ForEach::Functions":
    - Name
    - [Listing, Escalation]
    - "${Name}Log": { Type: AWS::Logs::LogGroup }
      "Fn::ForEach::Metrics":
        - Metric
        - [Errors, Throttles]
        - "${Name}${Metric}":
            Function: { Ref: { "Fn::Sub": "${Name}" } }
            Log: !GetAtt [!Sub "${Name}Log", Arn]
            Metric: !Ref Metric
            Own: !Sub "${Metric} of ${AWS::StackName}"
  Listing:
"#,
    );
    let template = Template::parse(&looping).unwrap();
    let resources = &template.document()["Resources"];
    assert_eq!(resources["ListingLog"], json!({ "Type": "AWS::Logs::LogGroup" }));
    let alarm = json!({
        "Function": { "Ref": "Escalation" },
        "Log": { "Fn::GetAtt": ["EscalationLog", "Arn"] },
        "Metric": "Throttles",
        "Own": { "Fn::Sub": "Throttles of ${AWS::StackName}" },
    });
    assert_eq!(resources["EscalationThrottles"], alarm);
    let broken = looping.replace("[Listing, Escalation]", "[Listing, Escalatoin]");
    assert!(matches!(Template::parse(&broken), Err(Error::Unresolvable(name)) if name == "Escalatoin"));
    let twice = looping.replace("[Listing, Escalation]", "[Listing, Listing]");
    assert!(matches!(Template::parse(&twice), Err(Error::Malformed(_))));
    let listed_elsewhere = looping.replace("[Listing, Escalation]", "!Ref Desk");
    assert!(matches!(Template::parse(&listed_elsewhere), Err(Error::Unsupported(_))));
}

#[test]
fn globals_are_copied_into_the_functions_as_sam_does() {
    let text = TEMPLATE.replace(
        "  Function:\n",
        "  Function:\n    Timeout: 20\n    MemorySize: 512\n    Layers: [a]\n    Role: { Ref: Desk }\n",
    );
    let text =
        text.replace("      Timeout: 60\n", "      Timeout: 60\n      Layers: [b]\n      Role: { Ref: Files }\n");
    let template = Template::parse(&text).unwrap();
    let properties = &template.document()["Resources"]["Escalation"]["Properties"];
    assert_eq!((&properties["Timeout"], &properties["MemorySize"]), (&60.into(), &512.into()));
    assert_eq!((&properties["Layers"], &properties["Role"]), (&json!(["a", "b"]), &json!({ "Ref": "Files" })));
    assert_eq!(properties["Environment"]["Variables"]["TABLE_NAME"], json!({ "Ref": "Desk" }));
}

#[test]
fn a_parameter_without_value_is_named() {
    assert!(matches!(resolved(&[]), Err(Error::NoValue(name)) if name == "CountyEmail"));
}

#[test]
fn the_built_in_template_is_valid() {
    let template = Template::built_in().unwrap();
    assert!(["CountyEmail", "PortalUrl"].iter().all(|name| template.parameter(name).is_ok()));
}
