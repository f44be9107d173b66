//! The search for registrations within libraries (rules, section 5).

use crate::{Person, collation::fold};

/// The words of a search, folded. Each of them must begin a word of the person's fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Vec<String>);

impl Query {
    /// Parses typed text. Returns `None` if it contains neither letters nor digits.
    pub fn parse(typed: &str) -> Option<Self> {
        let words: Vec<String> = typed.split_whitespace().map(fold).filter(|word| !word.is_empty()).collect();
        (!words.is_empty()).then_some(Self(words))
    }

    /// Returns whether each word begins a word of the last name, first name, e-mail or card number.
    ///
    /// ```
    /// use domain::{Person, search::Query};
    ///
    /// let person: Person = serde_json::from_str(
    ///     r#"{
    ///         "lastName": "D'Hérouville", "firstName": "Camille",
    ///         "birthDate": "1988-02-29", "email": "camille@orange.example"
    ///     }"#,
    /// )?;
    /// let finds = |typed| Query::parse(typed).is_some_and(|query| query.finds(&person));
    /// assert!(finds("cam herou") && finds("DHÉROU"));
    /// assert!(!finds("rouville"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn finds(&self, person: &Person) -> bool {
        let card = person.card_number.as_ref().map_or("", |card| card.as_str());
        let fields = [person.last_name.as_str(), person.first_name.as_str(), person.email.as_str(), card];
        self.0.iter().all(|word| fields.iter().any(|field| begins_a_word(field, word)))
    }
}

/// Returns whether a word of `field` begins with `word`, which is folded. Hyphens and apostrophes separate words and
/// are ignored within them, so that both `hérou` and `dhérou` find D'Hérouville.
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
    fn text_without_letters_and_digits_is_no_search() {
        assert_eq!(Query::parse(" ' - "), None);
    }
}
