//! What a registering costs, in the engine's own figures (performance P7): the function's transaction is caught on its way
//! and given to another, empty desk, which says what it consumed.

use std::sync::{Arc, Mutex};

use local::{Options, Rewire};
use serde_json::{Value, json};

use crate::support::{BEGINNING, Desk, camille, engine, tapped};

/// The write units of registering with this form.
async fn units(form: &Value) -> f64 {
    let caught = Arc::new(Mutex::new(Value::Null));
    let catch = Arc::clone(&caught);
    let rewire = Rewire::new(move |function, aws| {
        let (catch, registering) = (Arc::clone(&catch), function == "register");
        tapped(aws, move |request| {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            if registering && target.ends_with("TransactWriteItems") {
                *catch.lock().unwrap() = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            }
            None
        })
    });
    let now = Some(BEGINNING.parse().unwrap());
    let desk = Desk::open_with(Options { now, rewire: Some(rewire), ..Options::default() }).await;
    let (_, marie) = desk.staffed().await;
    desk.register_as(&marie, form).await;
    let mut transaction = caught.lock().unwrap().clone();
    transaction["ReturnConsumedCapacity"] = "TOTAL".into();
    let empty = Desk::open().await;
    let answer = engine::call(&empty.portal().dynamodb_url(), "TransactWriteItems", &transaction).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    answer["ConsumedCapacity"][0]["CapacityUnits"].as_f64().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test]
async fn p7_a_registering_costs_8_write_units_and_a_card_number_one_more() {
    let with_card = camille();
    let mut without = camille();
    without.as_object_mut().unwrap().remove("cardNumber");
    without["password"] = json!("Zèbre-Cactus-77?");
    assert!((units(&without).await - 8.0).abs() < f64::EPSILON);
    assert!((units(&with_card).await - 9.0).abs() < f64::EPSILON);
}
