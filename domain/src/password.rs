//! The password rule (rules, section 1; requirements PW4 and PW5). `strength.rs` decides what is guessable.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::{Fault, strength};

pub use crate::strength::Known;

/// The least length, in characters after NFC.
pub const MIN_CHARS: usize = 8;
/// The greatest length, in characters after NFC. A longer password is refused, never cut.
pub const MAX_CHARS: usize = 128;

/// A typed password, in NFC. Wiped from memory when dropped; never printed.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password typed to sign in. Returns `None` above [`MAX_CHARS`], because no account has such a password.
    pub fn tried(typed: &str) -> Option<Self> {
        // Composition shortens text by a bounded factor: longer text exceeds the limit in NFC too, and is not composed.
        if typed.len() > MAX_CHARS * 16 {
            return None;
        }
        let composed = Zeroizing::new(typed.nfc().collect::<String>());
        (composed.chars().count() <= MAX_CHARS).then_some(Self(composed))
    }

    /// Takes a password typed to be chosen: it has the four classes and the length, and cannot be guessed by somebody
    /// who knows these words of its owner.
    ///
    /// # Errors
    /// A fault that says in French what to change: `too-long`, `control-character`, `too-short`, `no-capital`,
    /// `no-lower-case`, `no-digit`, `no-special`, `guessable`.
    pub fn chosen(typed: &str, known: &Known) -> Result<Self, Fault> {
        let password = Self::tried(typed)
            .ok_or_else(|| Fault::new("too-long", "Raccourcissez le mot de passe : 128 caractères au plus."))?;
        password.check_classes()?;
        if strength::is_guessable(&password.0, known) {
            return Err(Fault::new(
                "guessable",
                "Ce mot de passe se devine trop vite : évitez votre nom, votre commune, vos dates et numéros, les mots \
                 courants et les suites ; associez plusieurs mots sans lien entre eux.",
            ));
        }
        Ok(password)
    }

    /// Returns the bytes to hash.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn check_classes(&self) -> Result<(), Fault> {
        // AWS's gateway replaces bytes that are not UTF-8 by U+FFFD: different passwords would become the same one.
        if self.0.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
            return Err(Fault::new(
                "control-character",
                "Retirez le caractère de contrôle ou illisible du mot de passe.",
            ));
        }
        let missing = self.missing();
        let Some(&(code, _)) = missing.first() else { return Ok(()) };
        let list = missing.iter().map(|&(_, what)| what).collect::<Vec<_>>().join(", ");
        Err(Fault::new(code, format!("Il manque au mot de passe au moins : {list}.")))
    }

    /// Returns the missing length and classes, as codes and in French. The page `choisir-mon-mot-de-passe` shows the
    /// same during typing; `tests/cases/password-classes.json` tests both.
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
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(typed: &str) -> &'static str {
        match Password::chosen(typed, &Known::default()) {
            Ok(_) => "accepted",
            Err(fault) => fault.code,
        }
    }

    #[test]
    fn w19_a_password_that_lost_bytes_on_its_way_is_refused() {
        assert_eq!(refused("V\u{fffd}lo-Pomme7-Lune"), "control-character");
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

    /// The page's check is tested on the same cases (`tests/pages`).
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
        let fault = Password::chosen("abc", &Known::default()).unwrap_err();
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
        let outer = Password::chosen(" Trombone4Girafe ", &Known::default()).unwrap();
        assert_eq!(outer.as_bytes(), b" Trombone4Girafe ", "outer spaces are kept");
    }

    #[test]
    fn ap8_a_password_never_prints() {
        assert_eq!(format!("{:?}", Password::tried("Vélo-Pomme7-Lune").unwrap()), "Password(…)");
    }

    #[test]
    fn pw4_text_far_above_the_limit_is_no_password() {
        // Text within the limit passes in any normal form; more than 16 bytes a character are refused unread.
        assert!(Password::tried(&"é".repeat(MAX_CHARS)).is_some());
        assert!(Password::tried(&"e\u{301}".repeat(MAX_CHARS)).is_some());
        assert!(Password::tried(&format!("{}{}", "e\u{301}".repeat(MAX_CHARS - 1), "e")).is_some());
        assert!(Password::tried(&"a".repeat(MAX_CHARS * 16 + 1)).is_none());
    }
}
