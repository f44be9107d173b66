//! What makes a password guessable (rules, section 1; requirements PW5).

use std::collections::BTreeSet;

use jiff::civil::Date;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use zeroize::Zeroizing;

use crate::{
    Library, Person,
    collation::fold,
    person::{CardNumber, Town},
};

/// The number of letters beside known words that do not make a password harder to guess.
const LEFTOVER: usize = 3;

/// The number of characters that zxcvbn scores. A password whose beginning is hard to guess is hard to guess.
///
/// zxcvbn's time grows with the cube of the length, and again with each sign that may stand for several letters: it reads
/// the text in every combination of them. Without bounds, 100 characters cost it 3 seconds; with these, at most 40 ms in
/// a release build (security S10).
const SCORED: usize = 32;

/// Signs that zxcvbn reads as letters.
const SIGNS: [char; 10] = ['@', '(', '{', '[', '<', '!', '|', '$', '+', '%'];

/// The number of different [`SIGNS`] in a text that zxcvbn may read as letters.
const READ_SIGNS: usize = 3;

/// What stands for the others: signs that are only signs.
const PLAIN_SIGNS: [char; SIGNS.len() - READ_SIGNS] = ['-', '_', '=', ';', '~', '^', '#'];

/// The last digits of a telephone number, which are the same with `0`, `+33` and `0033` before them.
const PHONE_DIGITS: usize = 9;

/// The number of words of a text that count as known: with hundreds, every password would be made of them.
const WORDS: usize = 12;

/// The number of members of a household whose names count as known, the oldest ones.
const MEMBERS: usize = 10;

/// Words that a guesser in a library of the Oise tries first.
const KNOWN_WORDS: [&str; 10] = [
    "mediatheque",
    "bibliotheque",
    "azerty",
    "azertyuiop",
    "qwerty",
    "oise",
    "mdo",
    "motdepasse",
    "bonjour",
    "beauvais",
];

/// The words and numbers that a guesser knows of a password's owner, folded.
#[derive(Debug, Default)]
pub struct Known(BTreeSet<String>);

impl Known {
    /// Adds the words of a text, such as a name or an address: the first 12 of at least 3 characters, and all in one.
    pub fn add_text(&mut self, text: &str) {
        self.add_words(text, 3);
    }

    fn add_words(&mut self, text: &str, least: usize) {
        let long = |word: &String, least| word.chars().count() >= least;
        let split = text.split(|c: char| !c.is_alphanumeric()).map(fold).filter(|word| long(word, least));
        self.0.extend(split.take(WORDS));
        self.0.extend(Some(fold(text)).filter(|word| long(word, 3)));
    }

    /// Adds what is known of an account's patrons. One alone is known in full. Of a household only names and birth dates
    /// count, those of its oldest members: a refusal must not tell the holder another one's telephone, nor may somebody
    /// who joins with invented names make every password guessable.
    pub fn add_household(&mut self, members: &[&Person]) {
        if let [only] = members {
            return self.add_person(only);
        }
        for Person { last_name, first_name, birth_date, .. } in members.iter().take(MEMBERS) {
            self.add_words(last_name.as_str(), 4);
            self.add_words(first_name.as_str(), 4);
            self.0.extend(spellings(birth_date.date()));
        }
    }

    /// Adds what is known of a patron: names, e-mail, town, library card, telephone, and the birth date in any order.
    pub fn add_person(&mut self, person: &Person) {
        let Person { last_name, first_name, email, town, card_number, phone, birth_date, .. } = person;
        let given = [Some(last_name.as_str()), Some(first_name.as_str()), Some(email.as_str())];
        let optional = [town.as_ref().map(Town::as_str), card_number.as_ref().map(CardNumber::as_str)];
        for text in given.into_iter().chain(optional).flatten() {
            self.add_text(text);
        }
        if let Some(phone) = phone {
            let digits: String = phone.as_str().chars().filter(char::is_ascii_digit).collect();
            self.0.insert(digits[digits.len().saturating_sub(PHONE_DIGITS)..].to_owned());
        }
        self.0.extend(spellings(birth_date.date()));
    }

    /// Adds a library's name and town.
    pub fn add_library(&mut self, library: &Library) {
        self.add_text(&library.name);
        self.add_text(&library.town);
    }
}

/// Returns a date's digits as people type them: with and without zeros and century, in any order of day, month, year.
fn spellings(date: Date) -> impl Iterator<Item = String> {
    let (day, month, year) = (date.day(), date.month(), date.year());
    let years = [format!("{year:04}"), format!("{:02}", year % 100)];
    let days = [(format!("{day:02}"), format!("{month:02}")), (day.to_string(), month.to_string())];
    days.into_iter().flat_map(move |(d, m)| {
        let orders =
            |y: &String| [format!("{d}{m}{y}"), format!("{m}{d}{y}"), format!("{y}{m}{d}"), format!("{y}{d}{m}")];
        years.iter().flat_map(orders).collect::<Vec<_>>()
    })
}

/// Returns whether a password is nothing but known words under decoration (digits, signs, and up to [`LEFTOVER`]
/// letters), or scores under 3 with zxcvbn. The cheap check comes first.
pub(crate) fn is_guessable(password: &str, known: &Known) -> bool {
    let words: Vec<&str> = known.0.iter().map(String::as_str).chain(KNOWN_WORDS).collect();
    let folded = Zeroizing::new(fold(password));
    let letters = Zeroizing::new(folded.chars().filter(|c| c.is_alphabetic()).collect::<String>());
    if made_of(&letters, &words) || made_of(&folded, &words) {
        return true;
    }
    zxcvbn::zxcvbn(&scored(password), &words).score() < zxcvbn::Score::Three
}

/// Returns the text that zxcvbn scores: the beginning, without accents, which make a word unknown to it but no harder to
/// guess, and with few different signs that may stand for letters.
fn scored(password: &str) -> Zeroizing<String> {
    let mut seen = Vec::new();
    let plain = password.nfkd().filter(|&c| !is_combining_mark(c)).take(SCORED);
    let signs = plain.map(|c| {
        if !SIGNS.contains(&c) {
            return c;
        }
        let at = seen.iter().position(|sign| *sign == c).unwrap_or_else(|| {
            seen.push(c);
            seen.len() - 1
        });
        at.checked_sub(READ_SIGNS).map_or(c, |beyond| PLAIN_SIGNS[beyond])
    });
    Zeroizing::new(signs.collect())
}

/// Returns whether `text`, letters and digits, consists of at least one of `words`, at most [`LEFTOVER`] other letters,
/// and any number of digits.
fn made_of(text: &str, words: &[&str]) -> bool {
    // `left[at]`: the fewest letters and then digits outside words in `text[..at]`; `None` where nothing ends.
    let mut left: Vec<Option<(usize, usize)>> = vec![None; text.len() + 1];
    left[0] = Some((0, 0));
    for (at, c) in text.char_indices() {
        let Some((letters, digits)) = left[at] else { continue };
        let mut reach = |to: usize, outside| left[to] = Some(left[to].map_or(outside, |known| known.min(outside)));
        reach(at + c.len_utf8(), if c.is_alphabetic() { (letters + 1, digits) } else { (letters, digits + 1) });
        for word in words.iter().filter(|word| text[at..].starts_with(**word)) {
            reach(at + word.len(), (letters, digits));
        }
    }
    let all = text.chars().count();
    left[text.len()].is_some_and(|(letters, digits)| letters <= LEFTOVER && letters + digits < all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> Known {
        let mut known = Known::default();
        for text in ["Exemple", "Camille", "camille.exemple@orange.fr", "Saint-Léger-en-Bray"] {
            known.add_text(text);
        }
        known
    }

    #[test]
    fn pw5_guessable_passwords_are_refused() {
        for typed in [
            "Médiathèque1!",
            "Mediatheque1!",
            "Bibliotheque1!",
            "Bibliothèque2026!",
            "Password1!",
            "Azerty123!",
            "Camille1!",
            "Exemple2026!",
            "Camille.Exemple1",
            "C@mille-1988",
            "SaintLeger60!",
            "Bonjour123!",
            "Aaaaaaa1!",
            "Abcdefg1!",
        ] {
            assert!(is_guessable(typed, &about()), "{typed}");
        }
    }

    #[test]
    fn pw5_an_accent_is_decoration_and_a_score_of_3_is_enough() {
        for (typed, guessable) in
            [("Élisabeth1!", true), ("Sûnshine12!", true), ("Kz7!pQwm", true), ("Kz7!pQwm4", false)]
        {
            assert_eq!(is_guessable(typed, &about()), guessable, "{typed}");
        }
    }

    #[test]
    fn pw5_known_words_and_up_to_three_letters_more_are_weak() {
        let words = ["camille", "exemple"];
        for (letters, whole) in [
            ("camille", true),
            ("exemplecamille", true),
            ("xcamillexy", true),
            ("xcamilleyexemplez", true),
            ("camilléexemple", false),
            ("wxcamilleyz", false),
            ("trombone", false),
            ("x", false),
            ("xyz", false),
            ("", false),
            ("12camille34", true),
            ("x1camille2y", true),
            ("wx1camille2yz", false),
            ("12345678", false),
            ("ab12345678", false),
        ] {
            assert_eq!(made_of(letters, &words), whole, "{letters:?}");
        }
    }

    #[test]
    fn pw5_all_that_the_desk_knows_of_a_person_is_known() {
        let mut known = Known::default();
        known.add_person(&crate::person::tests::camille());
        known.add_library(&Library {
            id: "LI10511".parse().unwrap(),
            name: "Médiathèque Zazpiak".into(),
            town: "Auneuil".into(),
            postal_code: "60390".parse().unwrap(),
            email: None,
        });
        for word in ["exemple", "camille", "orange", "fleury", "zazpiak", "auneuil", "612345678", "c0042"] {
            assert!(known.0.contains(word), "{word}: {known:?}");
        }
        for date in ["29021988", "02291988", "19880229", "290288", "2921988", "880229", "29288"] {
            assert!(known.0.contains(date), "{date}: {known:?}");
        }
        for typed in ["Ce29021988!", "29/02/1988-Ce", "0612345678Aa!", "+33 6 12 34 56 78 Aa", "Zazpiak-60390!"] {
            assert!(is_guessable(typed, &known), "{typed}");
        }
        assert!(!is_guessable("Trombone-Girafe-1988!", &known), "a year does not spoil two words");
    }

    #[test]
    fn pw5_of_a_household_names_and_birth_dates_are_known() {
        let one = crate::person::tests::camille();
        let two = Person { first_name: "Zoé".parse().unwrap(), last_name: "Girafe".parse().unwrap(), ..one.clone() };
        let mut known = Known::default();
        known.add_household(&[&one, &two]);
        for word in ["exemple", "camille", "girafe", "zoe", "29021988"] {
            assert!(known.0.contains(word), "{word}: {known:?}");
        }
        for hidden in ["612345678", "c0042", "fleury", "orange"] {
            assert!(!known.0.contains(hidden), "{hidden}: {known:?}");
        }
    }

    #[test]
    fn pw5_invented_names_do_not_make_every_password_guessable() {
        let syllables = |n: u8| {
            let word = |i: u8| String::from_utf8(vec![b'a' + n % 26, b'a' + i % 26, b'a' + i / 4 % 26]).unwrap();
            (0..25).map(word).collect::<Vec<_>>().join(" ")
        };
        let one = crate::person::tests::camille();
        let named = |n| Person { last_name: syllables(n).parse().unwrap(), ..one.clone() };
        let members: Vec<Person> = std::iter::once(one.clone()).chain((0..59).map(named)).collect();
        let mut known = Known::default();
        known.add_household(&members.iter().collect::<Vec<_>>());
        for typed in ["Girouette+Moulin-77", "Trombone-Girafe-42!", "xK9$vQ2#mZ7!"] {
            assert!(!is_guessable(typed, &known), "{typed}");
        }
    }

    #[test]
    fn s10_few_characters_and_signs_are_scored() {
        for (typed, text) in [
            ("é".repeat(128), "e".repeat(32)),
            ("aé".to_owned(), "ae".to_owned()),
            ("P@$$w0rd!".to_owned(), "P@$$w0rd!".to_owned()),
            ("@(@{[<!|$+%@([%".to_owned(), "@(@{-_=;~^#@(-#".to_owned()),
        ] {
            assert_eq!(*scored(&typed), text);
        }
    }

    #[test]
    fn s10_signs_that_are_not_read_make_no_long_password_weak() {
        for typed in ["(!@$%Trombone-Girafe-42", "@(@{[<!|$+%@([%x9K2mQ7", "1234567890Trombone-Girafe!"] {
            assert!(!is_guessable(typed, &about()), "{typed}");
        }
    }
}
