//! The password rule (rules, section 1; requirements PW4 and PW5).

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{Fault, Library, Person, collation::fold, person::Town};

/// Fewest characters, after NFC.
pub const MIN_CHARS: usize = 8;
/// Most characters, after NFC: beyond, refused, never cut.
pub const MAX_CHARS: usize = 128;

/// Letters that may stand beside known words and make them no harder to guess.
const LEFTOVER: usize = 3;

/// Words that anyone in an Oise library would try first.
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

/// A password as it was typed, in NFC. Wiped from memory when dropped; never printed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// A password that someone tries. One beyond [`MAX_CHARS`] is `None`: it can't be anybody's, and is never cut.
    pub fn tried(typed: &str) -> Option<Self> {
        // Composing shortens to a third at most, so what is far beyond the limit is beyond it composed as well.
        if typed.len() > MAX_CHARS * 16 {
            return None;
        }
        let composed = Zeroizing::new(typed.nfc().collect::<String>());
        (composed.chars().count() <= MAX_CHARS).then_some(Self(composed))
    }

    /// A password that someone chooses: the four classes, the length, and not guessable from `about` (the person's
    /// names, e-mail, library, town).
    ///
    /// Faults, each saying in French what to change: `too-long`, `control-character`, `too-short`, `no-capital`,
    /// `no-lower-case`, `no-digit`, `no-special`, `guessable`.
    pub fn chosen(typed: &str, about: &[&str]) -> Result<Self, Fault> {
        let password = Self::tried(typed)
            .ok_or_else(|| Fault::new("too-long", "Raccourcissez le mot de passe : 128 caractères au plus."))?;
        password.check_classes()?;
        password.check_strength(about)?;
        Ok(password)
    }

    /// The bytes to hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn check_classes(&self) -> Result<(), Fault> {
        if self.0.chars().any(char::is_control) {
            return Err(Fault::new("control-character", "Retirez le caractère de contrôle du mot de passe."));
        }
        let missing = self.missing();
        let Some(&(code, _)) = missing.first() else { return Ok(()) };
        let list = missing.iter().map(|&(_, what)| what).collect::<Vec<_>>().join(", ");
        Err(Fault::new(code, format!("Il manque au mot de passe au moins : {list}.")))
    }

    /// Returns what length and classes lack, as codes and in French. The page `choisir-mon-mot-de-passe` shows the same
    /// while one types; `tests/cases/password-classes.json` is tried on both.
    fn missing(&self) -> Vec<(&'static str, &'static str)> {
        let has = |class: fn(char) -> bool| self.0.chars().any(class);
        let parts = [
            ("too-short", "8 caractères en tout", self.0.chars().count() >= MIN_CHARS),
            ("no-capital", "1 majuscule", has(char::is_uppercase)),
            ("no-lower-case", "1 minuscule", has(char::is_lowercase)),
            ("no-digit", "1 chiffre", has(char::is_numeric)),
            ("no-special", "1 caractère spécial", has(|c| !c.is_alphanumeric())),
        ];
        parts.into_iter().filter(|(_, _, present)| !present).map(|(code, what, _)| (code, what)).collect()
    }

    /// Guessable once its decoration is stripped: nothing but known words under digits and signs, or a zxcvbn score
    /// under 3, as typed or without accents.
    fn check_strength(&self, about: &[&str]) -> Result<(), Fault> {
        let own: Vec<String> = about.iter().flat_map(|text| words(text)).collect();
        let known: Vec<&str> = own.iter().map(String::as_str).chain(KNOWN_WORDS).collect();
        let plain = unaccented(&self.0);
        let weak = |text: &str| zxcvbn::zxcvbn(text, &known).score() < zxcvbn::Score::Three;
        if weak(&self.0) || weak(&plain) || made_of(&letters(&plain), &known) {
            return Err(Fault::new(
                "guessable",
                "Ce mot de passe se devine trop vite : évitez votre nom, votre commune, les mots courants et les \
                 suites ; associez plusieurs mots sans lien entre eux.",
            ));
        }
        Ok(())
    }
}

/// What a guesser would know of a patron: names, e-mail, town, library.
pub fn known_about<'a>(person: &'a Person, library: Option<&'a Library>) -> Vec<&'a str> {
    let own = [person.last_name.as_str(), person.first_name.as_str(), person.email.as_str()];
    let town = person.town.as_ref().map(Town::as_str);
    let library = library.into_iter().flat_map(|library| [library.name.as_str(), library.town.as_str()]);
    own.into_iter().chain(town).chain(library).collect()
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// The words of a text that a guesser would try: each word, and all of them in one.
fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric()).map(fold);
    split.chain([fold(text)]).filter(|word| word.chars().count() >= 3).collect()
}

/// The text with each accented letter replaced by its plain one, case and all else kept.
fn unaccented(text: &str) -> Zeroizing<String> {
    let marks = unicode_normalization::char::is_combining_mark;
    Zeroizing::new(text.nfd().filter(|&c| !marks(c)).collect())
}

/// The letters alone, lower-case.
fn letters(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect())
}

/// Whether `words`, one after the other, make up `text` but for [`LEFTOVER`] letters: these are decoration as well.
fn made_of(text: &str, words: &[&str]) -> bool {
    // The fewest letters left over, by how much of the text is behind.
    let mut left: Vec<Option<usize>> = vec![None; text.len() + 1];
    left[0] = Some(0);
    let starts = text.char_indices().map(|(at, letter)| (at, letter.len_utf8()));
    for (at, step) in starts {
        let Some(so_far) = left[at] else { continue };
        let mut reach =
            |to: usize, leftover: usize| left[to] = Some(left[to].map_or(leftover, |known| known.min(leftover)));
        reach(at + step, so_far + 1);
        for word in words.iter().filter(|word| text[at..].starts_with(**word)) {
            reach(at + word.len(), so_far);
        }
    }
    let letters = text.chars().count();
    left[text.len()].is_some_and(|leftover| leftover <= LEFTOVER && leftover < letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABOUT: [&str; 4] = ["Exemple", "Camille", "camille.exemple@orange.fr", "Saint-Léger-en-Bray"];

    fn refused(typed: &str) -> &'static str {
        match Password::chosen(typed, &ABOUT) {
            Ok(_) => "accepted",
            Err(fault) => fault.code,
        }
    }

    #[test]
    fn section_1_four_classes_and_8_characters() {
        for (typed, outcome) in [
            ("Vélo-Pomme7-Lune", "accepted"),
            ("tRombone 4 girafe", "accepted"),
            ("Éclair9?Moutarde", "accepted"),
            ("Kz7!pQ", "too-short"),
            ("velo-pomme7-lune", "no-capital"),
            ("VELO-POMME7-LUNE", "no-lower-case"),
            ("Velo-Pomme-Lune", "no-digit"),
            ("VeloPomme7Lune", "no-special"),
        ] {
            assert_eq!(refused(typed), outcome, "{typed}");
        }
    }

    /// The page's own check is tried on the same cases (`tests/pages`).
    #[test]
    fn section_1_length_and_classes_of_the_shared_cases() {
        let cases: Vec<(String, Vec<String>)> =
            serde_json::from_str(include_str!("../../tests/cases/password-classes.json")).unwrap();
        assert!(cases.len() > 20);
        for (typed, missing) in cases {
            let found = Password::tried(&typed)
                .map_or(vec!["too-long"], |password| password.missing().into_iter().map(|(code, _)| code).collect());
            assert_eq!(found, missing, "{typed:?}");
        }
    }

    #[test]
    fn section_1_a_refusal_lists_all_that_is_missing() {
        let fault = Password::chosen("abc", &[]).unwrap_err();
        assert_eq!(
            fault.detail,
            "Il manque au mot de passe au moins : 8 caractères en tout, 1 majuscule, 1 chiffre, 1 caractère spécial."
        );
    }

    #[test]
    fn pw4_unicode_counts_and_nothing_is_cut() {
        let base = "Trombone-Girafe-7 ";
        let of_length = |n: usize| base.chars().chain("éàùçîôxkwq".chars().cycle()).take(n).collect::<String>();
        assert_eq!(refused(&of_length(64)), "accepted");
        assert_eq!(refused(&of_length(128)), "accepted");
        assert_eq!(refused(&of_length(129)), "too-long");
        assert!(Password::tried(&of_length(129)).is_none());
        let composed = Password::tried("Vélo-Pomme7-Lune").unwrap();
        let decomposed = Password::tried("Ve\u{301}lo-Pomme7-Lune").unwrap();
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn pw4_odd_characters_have_a_defined_outcome() {
        assert_eq!(refused("Velo\0-Pomme7-Lune"), "control-character");
        assert_eq!(refused("🎈🎉🎊🎁🎂🎃🎄🎅"), "no-capital");
        assert_eq!(refused("Trombone-Girafe-７"), "accepted", "a full-width digit is a digit");
        let outer = Password::chosen(" Trombone4Girafe ", &ABOUT).unwrap();
        assert_eq!(outer.as_bytes(), b" Trombone4Girafe ", "outer spaces are kept");
    }

    #[test]
    fn pw5_what_anyone_would_guess_is_refused() {
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
            assert_eq!(refused(typed), "guessable", "{typed}");
        }
    }

    #[test]
    fn ap8_a_password_never_prints() {
        assert_eq!(format!("{:?}", Password::tried("Vélo-Pomme7-Lune").unwrap()), "Password(…)");
    }

    #[test]
    fn pw4_what_is_far_too_long_composed_or_not_is_nobody_s() {
        // 128 characters of 16 bytes each in no normal form that a keyboard makes, and one byte more.
        assert!(Password::tried(&"é".repeat(MAX_CHARS)).is_some());
        assert!(Password::tried(&"e\u{301}".repeat(MAX_CHARS)).is_some());
        assert!(Password::tried(&format!("{}{}", "e\u{301}".repeat(MAX_CHARS - 1), "e")).is_some());
        assert!(Password::tried(&"a".repeat(MAX_CHARS * 16 + 1)).is_none());
    }

    #[test]
    fn pw5_an_accent_is_decoration_and_a_score_of_3_is_enough() {
        assert_eq!(refused("Élisabeth1!"), "guessable");
        assert_eq!(refused("Sûnshine12!"), "guessable");
        assert_eq!(refused("Kz7!pQwm"), "guessable", "a score of 2");
        assert_eq!(refused("Kz7!pQwm4"), "accepted", "a score of 3");
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
        ] {
            assert_eq!(made_of(letters, &words), whole, "{letters:?}");
        }
    }

    #[test]
    fn pw5_names_address_town_and_library_are_known_words() {
        let library = Library {
            id: "LI10511".parse().unwrap(),
            name: "Bibliothèque municipale".into(),
            town: "Auneuil".into(),
            postal_code: "60390".parse().unwrap(),
            email: None,
        };
        let person = crate::person::tests::camille();
        let own = ["Exemple", "Camille", "camille.exemple@orange.fr", "Fleury"];
        assert_eq!(known_about(&person, None), own);
        assert_eq!(known_about(&person, Some(&library)), [&own[..], &["Bibliothèque municipale", "Auneuil"]].concat());
    }
}
