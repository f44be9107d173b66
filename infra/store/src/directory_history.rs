//! The directory's history: a line for each change, in the transaction that makes it, with its messages (requirements
//! S2).

use domain::{
    Email,
    directory::{Change, Line},
    message::Message,
};
use jiff::Timestamp;
use runtime::Ids;

use crate::{
    Error, Store, Write,
    history::TRACE_LIFE,
    item::{decode, item_until, text_of},
    keys, outbox,
    transaction::{Condition, Transaction},
};

/// The author of a change to the directory, for its history line and its messages.
#[derive(Debug, Clone, Copy)]
pub struct Editor<'a> {
    /// The account that makes the change.
    pub by: &'a Email,
    /// When it does.
    pub at: Timestamp,
    /// The county's address, which is mailed about some changes.
    pub county: &'a Email,
    /// The source of ids of the line and of messages.
    pub ids: &'a Ids,
}

impl Editor<'_> {
    /// Returns the invitation that the author sends a member of staff.
    pub(crate) fn invitation(&self, to: &Email) -> Message {
        Message::Invitation { to: to.clone(), by: self.by.clone() }
    }
}

/// A page of the directory's history, and the place of the next.
#[derive(Debug)]
pub struct Lines {
    /// The lines, newest first.
    pub items: Vec<Line>,
    /// The place after which the next page begins; `None` on the last page.
    pub next: Option<String>,
}

impl Store {
    /// Returns at most `limit` lines of the directory's history, newest first, that come after a place. Costs ½ RRU per
    /// 4 KB, about 20 lines; eventually consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn directory_history(&self, after: Option<&str>, limit: usize) -> Result<Lines, Error> {
        let before = after.unwrap_or("~");
        let query = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :pk AND sk < :before")
            .expression_attribute_values(":pk", crate::text(keys::DIRECTORY))
            .expression_attribute_values(":before", crate::text(before))
            .scan_index_forward(false)
            // One more shows whether there is another page.
            .limit(i32::try_from(limit + 1).unwrap_or(i32::MAX));
        let mut items = query.send().await.map_err(Error::from_sdk)?.items.unwrap_or_default();
        let has_more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().and_then(|item| text_of(item, keys::SK)).map(str::to_owned);
        Ok(Lines { items: self.readable(items, decode).collect(), next: last.filter(|_| has_more) })
    }
}

impl Transaction<'_> {
    /// Adds the history line of a change to the directory, and its messages: to the county and the person concerned, as
    /// [`Change::recipients`] decides. Nothing if there is no change, or no author: the demonstration's data has none.
    /// Costs 2 WRU for the line, and 3 for each message.
    pub(crate) fn traced(self, change: Option<&Change>, editor: Option<&Editor<'_>>) -> Result<Self, Error> {
        let Some((change, editor)) = change.zip(editor) else { return Ok(self) };
        let line = change.line(editor.by, editor.at);
        let key = keys::directory_line(editor.at, &editor.ids.id());
        let item = item_until(key, &line, editor.at + TRACE_LIFE)?;
        let traced = self.put(Write::DirectoryLine, item, Condition::absent())?;
        change.recipients(editor.county).into_iter().try_fold(traced, |traced, to| {
            traced.queue(&editor.ids.id(), &Message::DirectoryChanged { to, line: Box::new(line.clone()) }, editor.at)
        })
    }

    /// Adds a queued message.
    pub(crate) fn queue(self, id: &str, message: &Message, at: Timestamp) -> Result<Self, Error> {
        self.put(Write::Message, outbox::queued(id, message, at)?, Condition::absent())
    }
}
