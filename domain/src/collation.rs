//! The order of names in a list, and of what is typed to find them.
//!
//! Rules, section 5: case, accents, ligatures, hyphens, apostrophes and spaces don't count in the order: Dédreux,
//! D'Hérouville, elan, Éluard, Oda, Œdipe, Ozanne. What remains is compared letter by letter, which is what a
//! `DynamoDB` sort key can do by itself.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The letters and digits of a text, unaccented and lower-case: `D'Hérouville` → `dherouville`, `Œdipe` → `oedipe`.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase) {
        match c {
            'œ' => folded.push_str("oe"),
            'æ' => folded.push_str("ae"),
            'ß' => folded.push_str("ss"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            c if c.is_alphanumeric() => folded.push(c),
            _ => {}
        }
    }
    folded
}

/// The place of a person in a list: last name, then first name. The space between sorts before every letter.
pub fn name_key(last_name: &str, first_name: &str) -> String {
    format!("{} {}", fold(last_name), fold(first_name))
}

/// The letters under which the county's list is kept, in order.
pub const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

/// The letter of [`LETTERS`] under which a key made by [`fold`] or [`name_key`] is filed. The few that begin with a digit
/// lie under the first, what comes after z under the last: to look for them apart would cost each first page, each last.
pub fn letter(key: &str) -> char {
    match key.chars().next() {
        Some(c @ 'a'..='z') => c,
        Some(c) if c > 'z' => 'z',
        _ => 'a',
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn section_5_the_order_of_the_rules_example() {
        let rule = ["Dédreux", "D'Hérouville", "elan", "Éluard", "Oda", "Œdipe", "Ozanne"];
        let mut sorted = rule;
        sorted.reverse();
        sorted.sort_by_key(|name| name_key(name, ""));
        assert_eq!(sorted, rule);
    }

    #[test]
    fn a_shorter_name_comes_before_the_longer_that_begins_with_it() {
        assert!(name_key("Martin", "Zoé") < name_key("Martine", "Alice"));
    }

    #[test]
    fn ligatures_accents_and_apostrophes_do_not_count() {
        // The pages fold what is typed into their own searches; they are tried on the same cases (`tests/pages`).
        let cases: Vec<(String, String)> =
            serde_json::from_str(include_str!("../../tests/cases/folding.json")).unwrap();
        assert!(cases.len() > 20);
        for (written, folded) in cases {
            assert_eq!(fold(&written), folded, "{written:?}");
        }
    }

    #[test]
    fn section_5_digits_file_before_a_and_other_scripts_after_z() {
        for (name, filed) in [
            ("Éluard", 'e'),
            ("Œdipe", 'o'),
            ("Abel", 'a'),
            ("Zola", 'z'),
            ("3e République", 'a'),
            ("Владимир", 'z'),
            ("", 'a'),
        ] {
            assert_eq!(letter(&fold(name)), filed, "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn letters_keep_the_order_of_keys(a in "\\PC{0,12}", b in "\\PC{0,12}") {
            let (a, b) = (fold(&a), fold(&b));
            let place = |key: &str| LETTERS.find(letter(key)).unwrap();
            if a <= b {
                prop_assert!(place(&a) <= place(&b), "{a:?} is filed after {b:?}");
            }
        }
    }
}
