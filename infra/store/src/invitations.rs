//! The invitation of a member of staff, sent again (contract, directory).

use domain::{Email, directory::Change, throttle::MailRequests};
use jiff::Timestamp;

use crate::{
    Editor, Error, Store, Write, keys,
    throttle::{Counted, next_count},
    transaction::Condition,
};

/// The result of sending an invitation again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invited {
    /// It is queued.
    Done,
    /// Another change came first: decide again.
    Stale,
    /// The address is of no member of staff.
    NoMember,
    /// Three were sent within an hour, which ends at this instant.
    TooOften(Timestamp),
}

impl Store {
    /// Sends a member of staff the invitation again, at most three times an hour, and traces it. Costs 2 RRU and 9 WRU.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn invite(&self, email: &Email, editor: &Editor<'_>) -> Result<Invited, Error> {
        let known = self.account(email).await?.filter(|known| known.account.is_staff());
        let Some(known) = known else { return Ok(Invited::NoMember) };
        let key = keys::invitations(email);
        let Counted { count: was, revision } = self.requests_of(key.clone()).await?;
        let Some(count) = MailRequests::another(was.as_ref(), editor.at) else {
            return Ok(Invited::TooOften(was.map_or(editor.at, |was| was.free_at(editor.at))));
        };
        let (count, unchanged) = next_count(key, Some(&count), revision, count.forgotten_at(editor.at))?;
        let id = editor.ids.id();
        let messages = serde_dynamo::to_attribute_value(known.messages_with([id.as_str()]))?;
        let still_staff = Condition::new("attribute_exists(staff)", [(":mails", messages)]);
        let inviting = self
            .transaction()
            .put(Write::Invitations, count, unchanged)?
            .update(Write::Account, keys::account(email), "SET messages = :mails", still_staff)?
            .queue(&id, &editor.invitation(email), editor.at)?
            .traced(Some(&Change::invitation(email)), Some(editor))?;
        Ok(if inviting.won().await? { Invited::Done } else { Invited::Stale })
    }
}
