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
        // Folded once, not at each word of each search: a name may have 85 words.
        let fields = fields.map(Folded::new);
        self.0.iter().all(|word| fields.iter().any(|field| field.has_word(word)))
    }
}

/// A folded field, and the places in it where a word begins. Hyphens and apostrophes separate words and are ignored
/// within them, so that both `hérou` and `dhérou` find D'Hérouville.
struct Folded {
    text: String,
    words: Vec<usize>,
}

impl Folded {
    fn new(field: &str) -> Self {
        let (mut folded, mut begun) = (Self { text: String::with_capacity(field.len()), words: Vec::new() }, 0);
        let mut within = false;
        for (at, c) in field.char_indices() {
            if c.is_alphanumeric() && !within {
                folded.text.push_str(&fold(&field[begun..at]));
                folded.words.push(folded.text.len());
                begun = at;
            }
            within = c.is_alphanumeric();
        }
        folded.text.push_str(&fold(&field[begun..]));
        folded
    }

    fn has_word(&self, word: &str) -> bool {
        self.words.iter().any(|&at| self.text[at..].starts_with(word))
    }
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
