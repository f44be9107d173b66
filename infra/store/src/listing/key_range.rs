//! A key range of a partition, in the list's order.

use domain::calendar::{PATIENCE_DAYS, plus_days};

use super::{Filter, Order};
use crate::keys;

/// Sorts after every sort key.
const END: &str = "\u{10ffff}";

/// The sort keys from one to another, both included. Read upwards by name, downwards when the newest come first. May be
/// empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyRange {
    order: Order,
    from: String,
    upto: String,
}

impl KeyRange {
    /// Returns the range of the rows that a list shows after a sort key.
    pub(super) fn new(order: Order, filter: &Filter, after: Option<&str>) -> Self {
        let start = filter.last_name.as_deref().filter(|_| order == Order::Name).map(keys::name_start);
        let start = start.unwrap_or_default();
        let upto = match order {
            // The keys of the first day that is not overdue continue after it, and so are outside.
            Order::Newest if filter.overdue => plus_days(filter.today, -PATIENCE_DAYS).to_string(),
            Order::Name | Order::Newest => format!("{start}{END}"),
        };
        // `DynamoDB` refuses an empty key.
        let from = if start.is_empty() { " ".to_owned() } else { start };
        let whole = Self { order, from, upto };
        after.map_or_else(|| whole.clone(), |after| whole.after(after))
    }

    /// Returns the lowest and the highest sort key.
    pub(super) fn bounds(&self) -> (&str, &str) {
        (&self.from, &self.upto)
    }

    /// Returns the bound that is read first.
    pub(super) fn start(&self) -> &str {
        match self.order {
            Order::Name => &self.from,
            Order::Newest => &self.upto,
        }
    }

    /// Returns whether the range may hold a key that is read before `key`.
    pub(super) fn begins_before(&self, key: &str) -> bool {
        match self.order {
            Order::Name => *self.from < *key,
            Order::Newest => *self.upto > *key,
        }
    }

    /// Returns the rest of the range after `key` was read.
    pub(super) fn after(&self, key: &str) -> Self {
        match self.order {
            // The smallest text after `key`.
            Order::Name => Self { from: format!("{key}\0"), ..self.clone() },
            Order::Newest => Self { upto: just_before(key), ..self.clone() },
        }
    }

    /// Splits the range into the part that is read up to `key`, included, and the rest. Without a key there is no rest.
    pub(super) fn split(&self, key: Option<&str>) -> (Self, Option<Self>) {
        let Some(key) = key else { return (self.clone(), None) };
        let first = match self.order {
            Order::Name => Self { upto: key.to_owned(), ..self.clone() },
            Order::Newest => Self { from: key.to_owned(), ..self.clone() },
        };
        (first, Some(self.after(key)))
    }
}

/// Returns a text that sorts before `key` and after every smaller key of the same length. All keys by date have the
/// same length. No text is directly before another, so the end is a character that no key contains.
fn just_before(key: &str) -> String {
    let mut before = key.to_owned();
    let last = before.pop().and_then(|last| char::from_u32(u32::from(last).saturating_sub(1)));
    before.extend(last);
    before.push_str(END);
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(order: Order) -> KeyRange {
        let filter = Filter {
            today: jiff::civil::date(2026, 11, 24),
            status: None,
            overdue: false,
            query: None,
            last_name: None,
        };
        KeyRange::new(order, &filter, None)
    }

    fn holds(range: &KeyRange, key: &str) -> bool {
        let (from, upto) = range.bounds();
        from <= key && key <= upto
    }

    #[test]
    fn a_split_puts_each_key_into_exactly_one_part() {
        let keys = ["2026-11-23 0f", "2026-11-23 10", "2026-11-23 a0", "2026-11-23 a1", "2026-11-24 00"];
        for order in [Order::Name, Order::Newest] {
            for (at, key) in keys.iter().enumerate() {
                let (first, rest) = all(order).split(Some(key));
                let rest = rest.unwrap();
                assert_eq!(rest, all(order).after(key));
                for (other_at, other) in keys.iter().enumerate() {
                    let is_first = if order == Order::Name { other_at <= at } else { other_at >= at };
                    assert_eq!((holds(&first, other), holds(&rest, other)), (is_first, !is_first), "{order:?} {key}");
                    assert_eq!(rest.begins_before(other), !is_first, "{order:?} {key} {other}");
                }
            }
        }
    }

    #[test]
    fn c9_the_overdue_by_date_end_before_the_first_patient_day() {
        let KeyRange { order, .. } = all(Order::Newest);
        let today = jiff::civil::date(2026, 11, 24);
        let filter = Filter { today, status: None, overdue: true, query: None, last_name: None };
        let range = KeyRange::new(order, &filter, None);
        assert!(holds(&range, "2026-11-16 ff") && !holds(&range, "2026-11-17 00"));
    }

    #[test]
    fn a_split_without_a_key_returns_the_whole_range() {
        let whole = all(Order::Newest);
        assert_eq!(whole.split(None), (whole.clone(), None));
        assert!(whole.begins_before("2026-11-24 00"));
    }
}
