//! Finds registrations whose retention period has ended (requirements GD3).

use domain::calendar::{RETENTION_DAYS, VALIDITY_DAYS, plus_days};
use jiff::civil::Date;

use crate::{
    Error, Store, Versioned,
    keys::{self, Half},
    text,
    transaction::Condition,
};

impl Store {
    /// Returns the registrations that have been over for a year.
    ///
    /// No index is ordered by the end of access, so this reads all that were registered two years ago or earlier, and
    /// the table filters out those that were renewed. Costs ½ RRU per 4 KB read, at least 4 RRU; eventually consistent.
    ///
    /// # Errors
    /// Those of a [read](Error#reads).
    pub async fn outlived(&self, today: Date) -> Result<Vec<Versioned>, Error> {
        let old_enough = plus_days(today, 1 - VALIDITY_DAYS - RETENTION_DAYS);
        let over_since = plus_days(today, -RETENTION_DAYS);
        let mut found = Vec::new();
        for (shard, half) in (0..keys::SHARDS).flat_map(|shard| Half::ALL.map(|half| (shard, half))) {
            let over = Condition::new("entry.expiresOn <= :over", [(":over", text(over_since.to_string()))]);
            let rows = self.older_than(keys::shard_half(shard, half), old_enough.to_string(), Some(over)).await?;
            found.extend(self.readable_registrations(rows).map(Versioned::from));
        }
        Ok(found)
    }
}
