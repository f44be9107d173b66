//! Whom the desk has known for long enough (requirements GD3).

use domain::calendar::{RETENTION_DAYS, VALIDITY_DAYS, plus_days};
use jiff::civil::Date;

use crate::{
    Error, Store, Versioned,
    item::RegistrationItem,
    keys::{self, Half},
    text,
    transaction::Condition,
};

impl Store {
    /// The registrations that have been over for a year. Read from those that are old enough to be, of which the table
    /// sends no others: who was registered two years ago and renewed since is passed over where it lies.
    pub async fn outlived(&self, today: Date) -> Result<Vec<Versioned>, Error> {
        let old_enough = plus_days(today, 1 - VALIDITY_DAYS - RETENTION_DAYS);
        let over_since = plus_days(today, -RETENTION_DAYS);
        let mut found = Vec::new();
        for (shard, half) in (0..keys::SHARDS).flat_map(|shard| Half::ALL.map(|half| (shard, half))) {
            let over = Condition::new("entry.expiresOn <= :over", [(":over", text(over_since.to_string()))]);
            for item in self.older_than(keys::shard_half(shard, half), old_enough.to_string(), Some(over)).await? {
                found.push(RegistrationItem::from_attributes(item)?.into());
            }
        }
        Ok(found)
    }
}
