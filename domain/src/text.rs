//! One line of typed text: cleaned, trimmed, composed (NFC), without control characters and pictographs.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::Fault;

/// The greatest number of combining marks on one letter, which Hebrew has. More are meant to smear over other text.
const MARKS: usize = 3;

/// Parses one line of at most `max` characters.
///
/// Invisible characters are dropped, and runs of blanks become one space. Accents are composed, so that `é` is one
/// character in every case.
///
/// # Errors
/// The faults `required` when nothing is left, `too-long`, `illegal-character` for control characters (line breaks and
/// NUL among them) and pictographs, and `too-many-marks`.
pub fn line(typed: &str, max: usize) -> Result<String, Fault> {
    // Longer text exceeds the limit in NFC too, because a character is composed of at most a handful: it is not read.
    if typed.len() > max.saturating_mul(32) {
        return Err(too_long(max));
    }
    let composed: String = visible(typed).nfc().collect();
    let line = composed.split([' ', '\t', '\u{a0}', '\u{202f}']).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let line = line.join(" ");
    if line.is_empty() {
        return Err(required());
    }
    if let Some(bad) = line.chars().find(|&c| !is_writing(c)) {
        return Err(illegal(bad));
    }
    if has_stacked_marks(&line) {
        return Err(Fault::new(
            "too-many-marks",
            "Retirez les accents superposés : ce texte en a trop sur une lettre.",
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

/// Removes the characters that nobody sees: Unicode's `Default_Ignorable_Code_Point`, and the marks of interlinear
/// notes. Pasted text carries them.
pub fn visible(typed: &str) -> String {
    typed.chars().filter(|&c| !is_invisible(c)).collect()
}

/// Returns the fault of a required field that is empty.
pub fn required() -> Fault {
    Fault::new("required", "Ce champ est obligatoire.")
}

fn too_long(max: usize) -> Fault {
    Fault::new("too-long", format!("Raccourcissez ce texte : {max} caractères au plus."))
}

/// Returns the fault of a character that is no writing. Shows it only if it is printable.
fn illegal(c: char) -> Fault {
    let what = match c {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "Écrivez sur une seule ligne.".to_owned(),
        c if c.escape_debug().count() == 1 && c != char::REPLACEMENT_CHARACTER => {
            format!("Retirez le caractère « {c} », qui ne peut pas figurer ici.")
        }
        _ => "Retirez le caractère illisible, ou retapez ce texte au lieu de le coller.".to_owned(),
    };
    Fault::new("illegal-character", what)
}

/// Returns whether a mark has no letter under it, or a letter more than [`MARKS`].
fn has_stacked_marks(line: &str) -> bool {
    let mut room = 0;
    line.chars().any(|c| {
        if !is_combining_mark(c) {
            room = if c.is_alphanumeric() { MARKS } else { 0 };
            return false;
        }
        let full = room == 0;
        room = room.saturating_sub(1);
        full
    })
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
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
        for bad in ["a\nb", "a\r\nBcc: x", "a\0b", "Zoé 🎉", "a\u{e000}b", "\u{1b}[31mrouge"] {
            assert_eq!(line(bad, 50).unwrap_err().code, "illegal-character", "{bad:?}");
        }
    }

    #[test]
    fn section_1_invisible_characters_are_dropped() {
        for (typed, seen) in [
            ("\u{feff}Zo\u{200b}é\u{ad}", "Zoé"),
            ("\u{202d}+33 6\u{202c}", "+33 6"),
            ("a \u{2060} b", "a b"),
            ("e\u{200d}\u{301}", "é"),
            ("a\u{fe0f}\u{34f}\u{e0001}", "a"),
        ] {
            assert_eq!(line(typed, 20).unwrap(), seen, "{typed:?}");
        }
        assert_eq!(line("\u{3164}\u{200b} ", 10).unwrap_err().code, "required");
    }

    #[test]
    fn s21_a_letter_has_three_marks_at_most() {
        assert_eq!(line("ש\u{5c1}\u{5bc}\u{5b8}", 10).unwrap().chars().count(), 4);
        assert_eq!(line("क्षि", 10).unwrap(), "क्षि");
        for bad in ["b\u{301}\u{302}\u{303}\u{304}", "\u{301}a", "a \u{489}\u{489}"] {
            assert_eq!(line(bad, 10).unwrap_err().code, "too-many-marks", "{bad:?}");
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
