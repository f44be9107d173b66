//! One line of typed text: trimmed, composed (NFC), without control characters and pictographs.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::Fault;

/// Parses one line of at most `max` characters.
///
/// Runs of blanks become one space. Accents are composed, so that `é` is one character in every case.
///
/// # Errors
/// The faults `required` when nothing is left, `too-long`, and `illegal-character` for control characters (line breaks
/// and NUL among them), pictographs and invisible characters.
pub fn line(typed: &str, max: usize) -> Result<String, Fault> {
    // Longer text exceeds the limit in NFC too, because a character is composed of at most a handful: it is not read.
    if typed.len() > max.saturating_mul(32) {
        return Err(too_long(max));
    }
    let composed: String = typed.nfc().collect();
    let line = composed.split([' ', '\t', '\u{a0}', '\u{202f}']).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let line = line.join(" ");
    if line.is_empty() {
        return Err(required());
    }
    if let Some(bad) = line.chars().find(|&c| !is_writing(c)) {
        return Err(Fault::new(
            "illegal-character",
            format!("Retirez le caractère « {} », qui ne peut pas figurer ici.", bad.escape_debug()),
        ));
    }
    if line.chars().count() > max {
        return Err(too_long(max));
    }
    Ok(line)
}

/// Parses like [`line`](fn@line), and requires a letter: `-2+3` is no name.
///
/// # Errors
/// The faults of [`line`](fn@line), and `no-letter`.
pub fn worded_line(typed: &str, max: usize) -> Result<String, Fault> {
    let line = line(typed, max)?;
    if line.chars().any(char::is_alphabetic) {
        Ok(line)
    } else {
        Err(Fault::new("no-letter", "Saisissez au moins une lettre."))
    }
}

/// Returns the fault of a required field that is empty.
pub fn required() -> Fault {
    Fault::new("required", "Ce champ est obligatoire.")
}

fn too_long(max: usize) -> Fault {
    Fault::new("too-long", format!("Raccourcissez ce texte : {max} caractères au plus."))
}

fn is_writing(c: char) -> bool {
    c == ' '
        || c.is_ascii_graphic()
        || c.is_alphanumeric()
        || is_combining_mark(c)
        || matches!(c, '’' | '‘' | '“' | '”' | '«' | '»' | '–' | '—' | '·' | '°' | '…' | '€')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blanks_are_tidied_and_accents_composed() {
        assert_eq!(line("  Jean \t  Pierre\u{a0}", 20).unwrap(), "Jean Pierre");
        assert_eq!(line("E\u{301}luard", 10).unwrap(), "Éluard");
    }

    #[test]
    fn control_characters_and_pictographs_are_refused() {
        for bad in ["a\nb", "a\r\nBcc: x", "a\0b", "Zoé 🎉", "a\u{200b}b", "a\u{202e}b", "\u{1b}[31mrouge"] {
            assert_eq!(line(bad, 50).unwrap_err().code, "illegal-character", "{bad:?}");
        }
    }

    #[test]
    fn limits_count_characters_not_bytes() {
        assert_eq!(line(&"é".repeat(100), 100).unwrap().chars().count(), 100);
        assert_eq!(line(&"é".repeat(101), 100).unwrap_err().code, "too-long");
        assert_eq!(line(&"a".repeat(40_000), 100).unwrap_err().code, "too-long");
    }

    #[test]
    fn empty_and_blank_are_missing() {
        assert_eq!(line(" \t ", 10).unwrap_err().code, "required");
        assert_eq!(worded_line("-2+3", 10).unwrap_err().code, "no-letter");
    }

    #[test]
    fn text_above_the_limit_in_any_form_is_refused_unread() {
        // A NUL that is read is an `illegal-character`.
        assert_eq!(line(&"\0".repeat(2 * 32), 2).unwrap_err().code, "illegal-character");
        assert_eq!(line(&"\0".repeat(2 * 32 + 1), 2).unwrap_err().code, "too-long");
    }

    proptest! {
        #[test]
        fn a_parsed_line_parses_again_to_itself(typed in ".{0,60}") {
            if let Ok(once) = line(&typed, 60) {
                prop_assert_eq!(line(&once, 60).unwrap(), once);
            }
        }
    }
}
