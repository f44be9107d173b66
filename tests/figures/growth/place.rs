//! Makes cursors of a list's last page, because following `rel=next` through a million rows would take too long.

use serde_json::{Value, json};

use crate::support::{Desk, Session, engine};

/// Rows per page.
const PAGE: usize = 50;

impl Desk {
    /// Returns the cursor of the last full page of a list by name, over these partitions of an index in order.
    pub(super) async fn last_cursor(
        &self,
        by: &Session,
        scope: &str,
        index: store::keys::Index,
        partitions: impl IntoIterator<Item = [String; 2]>,
    ) -> String {
        let mut last = Vec::new();
        for group in partitions {
            let mut places = Vec::new();
            for partition in group {
                places.extend(self.last_places(index, &partition).await);
            }
            places.sort_by(|a, b| b.cmp(a));
            last.extend(places);
            if last.len() > PAGE {
                break;
            }
        }
        let token = runtime::Secret::new(by.token.clone());
        edge::seal_cursor(&token, scope, &last[PAGE]).expect("a cursor")
    }

    /// Returns the last sort keys of a partition, from its end.
    async fn last_places(&self, index: store::keys::Index, partition: &str) -> Vec<String> {
        let sort = index.sort.expect("a list has an order");
        let query = json!({
            "TableName": "Table", "IndexName": index.name, "ScanIndexForward": false, "Limit": PAGE + 1,
            "KeyConditionExpression": format!("{} = :partition", index.partition),
            "ExpressionAttributeValues": { ":partition": { "S": partition } },
        });
        let answer = engine::call(&self.local().dynamodb_url(), "Query", &query).await;
        let answer: Value = serde_json::from_str(&answer).expect("JSON");
        let rows = answer["Items"].as_array().unwrap_or_else(|| panic!("{answer}"));
        rows.iter().map(|row| row[sort]["S"].as_str().expect("a place").to_owned()).collect()
    }
}
