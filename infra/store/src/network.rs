//! The key under which network addresses are digested for the log (requirements S6). It is an item, made when somebody
//! signs in for the first time, and each process reads it once. To change it, delete the item.

use runtime::{Ids, Secret};
use serde::Deserialize;

use crate::{Attributes, Error, Store, item::decode, keys, text, transaction::Condition};

#[derive(Deserialize)]
struct LogKey {
    secret: String,
}

impl Store {
    /// Returns the digest that stands for a network in the log. `None` while this process does not have the key.
    pub fn network_digest(&self, network: &str) -> Option<String> {
        self.log_key.get()?.keyed_digest(network)
    }

    /// Gets the key, and makes it if there is none. Costs 1 RRU at the first call in a process, and 1 WRU once.
    ///
    /// # Errors
    /// Those of a [write](Error#writes) without `Lost`.
    pub async fn ensure_log_key(&self, ids: &Ids) -> Result<(), Error> {
        while self.log_key.get().is_none() {
            if let Some(found) = self.get_item(keys::log_key()).await? {
                self.keep_log_key(found)?;
                break;
            }
            let absent = Condition::new("attribute_not_exists(pk)", [(":secret", text(ids.secret().reveal()))]);
            self.update_if(keys::log_key(), "SET secret = :secret", absent).await?;
        }
        Ok(())
    }

    /// Keeps the key that was read.
    pub(crate) fn keep_log_key(&self, item: Attributes) -> Result<(), Error> {
        let LogKey { secret } = decode(item)?;
        self.log_key.get_or_init(|| Secret::new(secret));
        Ok(())
    }

    /// Returns the key's own key, unless this process has it.
    pub(crate) fn missing_log_key(&self) -> Option<keys::Key> {
        self.log_key.get().is_none().then(keys::log_key)
    }
}
