//! "Rechercher…": what a few typed letters find (contract, `GET /registrations?q`).

use crate::{Person, collation::fold};

/// Typed words, folded. Each must begin some word of what is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<String>);

impl Query {
    /// `None` when nothing searchable was typed.
    pub fn parse(typed: &str) -> Option<Self> {
        let words: Vec<String> = typed.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Whether each typed word begins a word of the last name, first name, e-mail or card number.
    pub fn finds(&self, person: &Person) -> bool {
        let card = person.card_number.as_ref().map_or("", |card| card.as_str());
        let fields = [person.last_name.as_str(), person.first_name.as_str(), person.email.as_str(), card];
        self.0.iter().all(|word| fields.iter().any(|field| begins_a_word(field, word)))
    }
}

/// Whether `word` (folded) stands at the start of a word of `field`. Since neither hyphens nor apostrophes count,
/// both `hérou` and `dhérou` find D'Hérouville.
fn begins_a_word(field: &str, word: &str) -> bool {
    let starts = field
        .char_indices()
        .filter(|&(at, c)| c.is_alphanumeric() && !field[..at].chars().next_back().is_some_and(char::is_alphanumeric));
    starts.into_iter().any(|(at, _)| fold(&field[at..]).starts_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::person::tests::camille;

    fn finds(typed: &str) -> bool {
        let mut person = camille();
        person.last_name = "D'Hérouville-Lenoir".parse().unwrap();
        Query::parse(typed).unwrap().finds(&person)
    }

    #[test]
    fn any_word_matches_by_prefix_without_case_or_accents() {
        for typed in ["dherou", "HÉROU", "herouville-len", "lenoir", "Cam", "camille d'h", "camille.exemple@", "C-0042"]
        {
            assert!(finds(typed), "{typed}");
        }
        for typed in ["rouville", "camille x", "noir"] {
            assert!(!finds(typed), "{typed}");
        }
    }

    #[test]
    fn nothing_searchable_is_no_search() {
        assert_eq!(Query::parse(" ' - "), None);
    }
}
