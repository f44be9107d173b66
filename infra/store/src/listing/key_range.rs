//! A key range of a partition, read in the list's order.

use super::{Filter, Order};

/// Sorts after every sort key.
const END: &str = "\u{10ffff}";

/// Sort keys from one to another, both included; read from the first on, or from the last on where the newest come
/// first. It may hold none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KeyRange {
    order: Order,
    from: String,
    upto: String,
}

impl KeyRange {
    /// The keys of the rows that a list shows after a place.
    pub(super) fn new(order: Order, filter: &Filter, after: Option<&str>) -> Self {
        let start = filter.last_name.as_deref().filter(|_| order == Order::Name).unwrap_or_default();
        // The empty text is no key.
        let from = if start.is_empty() { " " } else { start };
        let whole = Self { order, from: from.to_owned(), upto: format!("{start}{END}") };
        after.map_or_else(|| whole.clone(), |after| whole.after(after))
    }

    /// The lowest and the highest sort key.
    pub(super) fn bounds(&self) -> (&str, &str) {
        (&self.from, &self.upto)
    }

    /// Whether it may hold something that is read before `key`.
    pub(super) fn begins_before(&self, key: &str) -> bool {
        match self.order {
            Order::Name => *self.from < *key,
            Order::Newest => *self.upto > *key,
        }
    }

    /// What remains when all up to `key` has been read.
    pub(super) fn after(&self, key: &str) -> Self {
        match self.order {
            Order::Name => Self { from: format!("{key}\0"), ..self.clone() },
            Order::Newest => Self { upto: just_before(key), ..self.clone() },
        }
    }

    /// The part that is read up to `key`, `key` included, and the rest; all of it without one.
    pub(super) fn split(&self, key: Option<&str>) -> (Self, Option<Self>) {
        let Some(key) = key else { return (self.clone(), None) };
        let first = match self.order {
            Order::Name => Self { upto: key.to_owned(), ..self.clone() },
            Order::Newest => Self { from: key.to_owned(), ..self.clone() },
        };
        (first, Some(self.after(key)))
    }
}

/// A text that sorts before `key` and after all that do, of those that are as long: keys by date all are.
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
    fn what_is_read_is_not_in_the_rest_and_its_neighbours_are() {
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
    fn without_a_place_to_stop_at_all_is_read() {
        let whole = all(Order::Newest);
        assert_eq!(whole.split(None), (whole.clone(), None));
        assert!(whole.begins_before("2026-11-24 00"));
    }
}
