//! Deterministic pseudo-random numbers, so that documentation and tests can rely on the generated data.

/// A `SplitMix64` generator.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    /// Creates the generator of the element at `index`.
    pub(crate) fn of(index: usize) -> Self {
        let mut draw = Self(index as u64);
        draw.next();
        draw
    }

    /// Returns a number from 0 to `bound` − 1, or 0 if `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// Returns a number of days, both ends included.
    pub(crate) fn days(&mut self, from: i32, to: i32) -> i32 {
        let span = usize::try_from(to - from + 1).unwrap_or(1);
        from + i32::try_from(self.below(span)).unwrap_or(0)
    }

    /// Returns `true` with a probability of `percent` %.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Returns one of the texts, or an empty one if there is none.
    pub(crate) fn one_of<'a>(&mut self, several: &'a [&'a str]) -> &'a str {
        several.get(self.below(several.len())).copied().unwrap_or_default()
    }

    /// Returns 24 hexadecimal digits, the format of a registration id.
    pub(crate) fn id(&mut self) -> String {
        format!("{:016x}{:08x}", self.next(), self.next() >> 32)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_indexes_give_equal_draws_and_others_differ() {
        assert_eq!(Draw::of(7).id(), Draw::of(7).id());
        assert_ne!(Draw::of(7).id(), Draw::of(8).id());
        assert_eq!(Draw::of(7).id().len(), 24);
    }

    #[test]
    fn both_ends_are_reached() {
        let mut draw = Draw::of(0);
        let seen: std::collections::BTreeSet<_> = (0..200).map(|_| draw.days(-2, 2)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert_eq!(draw.below(0), 0);
    }
}
