//! The ways to read the table: one item, a key range of a partition, items by their keys, all consistent. Each reads all
//! pages (requirements RE8).

use std::collections::HashMap;

use aws_sdk_dynamodb::{operation::query::builders::QueryFluentBuilder, types::KeysAndAttributes};
use runtime::Ids;
use serde::de::DeserializeOwned;

use crate::{Attributes, Error, Store, item::decode, keys::Key, text, transaction::BACKOFF};

/// Highest number of keys in one `BatchGetItem`.
const BATCH: usize = 100;
/// Calls in which `DynamoDB` may leave keys unprocessed before the read fails.
const ROUNDS: u32 = 8;

impl Store {
    /// Reads and decodes one item. Costs 1 RRU per 4 KB.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>, Error> {
        self.get_item(key).await?.map(decode).transpose()
    }

    /// Reads one item as it is stored. Costs 1 RRU per 4 KB.
    pub(crate) async fn get_item(&self, key: Key) -> Result<Option<Attributes>, Error> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key.into_attributes()));
        let answer = get.consistent_read(true).send().await.map_err(Error::from_sdk)?;
        Ok(answer.item)
    }

    /// Reads all items of a partition that can be decoded, in the order of their sort keys. Costs 1 RRU per 4 KB.
    pub(crate) async fn partition<T: DeserializeOwned>(&self, partition: &str) -> Result<Vec<T>, Error> {
        Ok(self.readable(self.key_range(partition, " ", "\u{10ffff}").await?, decode).collect())
    }

    /// Reads the items of a partition from one sort key to another, both included. Costs 1 RRU per 4 KB.
    pub(crate) async fn key_range(&self, partition: &str, from: &str, upto: &str) -> Result<Vec<Attributes>, Error> {
        all_pages(self.key_range_query(partition, from, upto)).await
    }

    /// Builds the consistent query for a key range.
    pub(crate) fn key_range_query(&self, partition: &str, from: &str, upto: &str) -> QueryFluentBuilder {
        self.client
            .query()
            .table_name(&self.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :upto")
            .expression_attribute_values(":pk", text(partition))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":upto", text(upto))
    }

    /// Reads the items of these keys, in no particular order; omits those that do not exist. Costs 1 RRU each.
    pub(crate) async fn batch_get(&self, mut keys: Vec<Key>) -> Result<Vec<Attributes>, Error> {
        keys.sort();
        keys.dedup();
        let mut items = Vec::with_capacity(keys.len());
        for batch in keys.chunks(BATCH) {
            let mut wanted: Vec<Attributes> = batch.iter().cloned().map(Key::into_attributes).collect();
            for round in 0..ROUNDS {
                if wanted.is_empty() {
                    break;
                }
                if round > 0 {
                    BACKOFF.pause(&Ids::System, round).await;
                }
                let of_table = KeysAndAttributes::builder().set_keys(Some(wanted)).consistent_read(true).build();
                let of_table = of_table.map_err(|error| Error::Refused(error.to_string()))?;
                let request = HashMap::from([(self.table.clone(), of_table)]);
                let answer = self.client.batch_get_item().set_request_items(Some(request)).send().await;
                let answer = answer.map_err(Error::from_sdk)?;
                items.extend(answer.responses.unwrap_or_default().into_values().flatten());
                let left = answer.unprocessed_keys.unwrap_or_default();
                wanted = left.into_values().flat_map(|of_table| of_table.keys).collect();
            }
            if !wanted.is_empty() {
                return Err(Error::Unavailable("DynamoDB left keys unprocessed".into()));
            }
        }
        Ok(items)
    }
}

/// Reads all pages of a query.
pub(crate) async fn all_pages(query: QueryFluentBuilder) -> Result<Vec<Attributes>, Error> {
    let mut items = query.into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(item) = items.next().await {
        found.push(item.map_err(Error::from_sdk)?);
    }
    Ok(found)
}
