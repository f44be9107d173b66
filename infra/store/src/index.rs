//! The one way to query an index: eventually consistent, page by page or whole.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use crate::{
    Attributes, Error, Store,
    keys::{self, Index},
    reading::all_pages,
    text,
    transaction::Condition,
};

/// The rows of one partition of an index.
#[derive(Debug)]
pub(crate) struct IndexQuery<'a> {
    pub(crate) index: Index,
    pub(crate) partition: &'a str,
    /// The lowest and the highest sort key, both included; `None` for all.
    pub(crate) between: Option<(&'a str, &'a str)>,
    /// Reduces the answer, not the cost.
    pub(crate) filter: Option<Condition>,
}

/// Rows of an index, and the key after which there may be more.
#[derive(Debug)]
pub(crate) struct IndexPage {
    pub(crate) rows: Vec<Attributes>,
    pub(crate) last: Option<Attributes>,
}

impl Store {
    /// Reads up to `limit` rows, from the highest sort key down if `downwards`. Costs ½ RRU per 4 KB.
    pub(crate) async fn index_page(
        &self,
        query: IndexQuery<'_>,
        downwards: bool,
        limit: usize,
    ) -> Result<IndexPage, Error> {
        let limit = i32::try_from(limit).unwrap_or(i32::MAX);
        let query = self.of_index(query).scan_index_forward(!downwards).limit(limit);
        let answer = query.send().await.map_err(Error::from_sdk)?;
        Ok(IndexPage { rows: answer.items.unwrap_or_default(), last: answer.last_evaluated_key })
    }

    /// Reads all rows, in the order of their sort keys. Costs ½ RRU per 4 KB.
    pub(crate) async fn index_rows(&self, query: IndexQuery<'_>) -> Result<Vec<Attributes>, Error> {
        all_pages(self.of_index(query)).await
    }

    /// Reads the items of a partition of [`keys::COUNTY_DATE`] that are older than a day or an instant. Costs ½ RRU per
    /// 4 KB; `filter` reduces the answer, not the cost.
    pub(crate) async fn older_than(
        &self,
        partition: String,
        before: String,
        filter: Option<Condition>,
    ) -> Result<Vec<Attributes>, Error> {
        // Sort keys continue after the day or the instant, so none is equal to `before`.
        let between = Some((" ", before.as_str()));
        self.index_rows(IndexQuery { index: keys::COUNTY_DATE, partition: &partition, between, filter }).await
    }

    fn of_index(&self, query: IndexQuery<'_>) -> QueryFluentBuilder {
        let Index { name, partition, sort } = query.index;
        let request = self.client.query().table_name(&self.table).index_name(name);
        let request = request.expression_attribute_values(":partition", text(query.partition));
        let request = match query.between.zip(sort) {
            None => request.key_condition_expression(format!("{partition} = :partition")),
            Some(((from, upto), sort)) => request
                .key_condition_expression(format!("{partition} = :partition AND {sort} BETWEEN :from AND :upto"))
                .expression_attribute_values(":from", text(from))
                .expression_attribute_values(":upto", text(upto)),
        };
        match query.filter {
            Some(filter) => filter.filtering(request),
            None => request,
        }
    }
}
