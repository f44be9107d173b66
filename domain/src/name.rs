//! Names of people, which the desk writes into its messages: a name that says where to click would be mailed by the
//! county to anybody (rules, section 1).

use unicode_normalization::char::is_combining_mark;

use crate::{Fault, text};

/// Signs of addresses and markup, which no name has.
const SIGNS: [char; 5] = ['/', ':', '@', '<', '>'];

/// Common top-level domains of more than two letters. Those of two letters are all refused, and a point before any
/// other word gets a space after it, so that no reader of mails makes a link of it.
const DOMAINS: [&str; 24] = [
    "app", "bet", "biz", "bzh", "click", "club", "com", "dev", "edu", "gouv", "gov", "info", "link", "live", "mobi",
    "net", "online", "org", "paris", "pro", "shop", "site", "store", "xyz",
];

/// Parses a name of at most `max` characters, with at least one letter. A point between letters gets a space after it.
///
/// # Errors
/// The faults of [`text::worded_line`], `sign-in-name` and `web-address`.
pub fn line(typed: &str, max: usize) -> Result<String, Fault> {
    let line = text::worded_line(typed, max)?;
    if let Some(sign) = line.chars().find(|c| SIGNS.contains(c)) {
        return Err(Fault::new("sign-in-name", format!("Retirez le signe « {sign} », qui ne figure pas dans un nom.")));
    }
    let spaced = spaced(&line);
    // A hyphen may end a word, or belong to the address.
    let names_a_site = |line: &str| [".", ".-_"].iter().any(|within| words(line, within).any(is_web_address));
    if names_a_site(&line) || names_a_site(&spaced) {
        return Err(Fault::new(
            "web-address",
            "Un nom n’est pas une adresse de site : retirez-la, ou mettez une espace après le point.",
        ));
    }
    text::worded_line(&spaced, max)
}

/// Splits a line into words, which consist of letters, digits and the signs `within`.
fn words<'a>(line: &'a str, within: &'a str) -> impl Iterator<Item = &'a str> {
    line.split(move |c: char| !is_of_word(c) && !within.contains(c))
}

/// Returns whether a character belongs to a word: an accent that does not compose with its letter is one, too.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Returns whether a word begins with `www.`, or ends in a point and a top-level domain.
fn is_web_address(word: &str) -> bool {
    let word = word.trim_matches('.').to_lowercase();
    let Some((_, last)) = word.rsplit_once('.') else { return false };
    let is_letters = last.chars().all(|c| is_of_word(c) && !c.is_numeric());
    let letters = last.chars().filter(|c| c.is_alphabetic()).count();
    word.starts_with("www.") || is_letters && (letters == 2 || DOMAINS.contains(&last))
}

/// Puts a space after each point between a letter or digit and a letter.
fn spaced(line: &str) -> String {
    let mut spaced = String::with_capacity(line.len());
    let mut before = [' '; 2];
    for c in line.chars() {
        if before[1] == '.' && is_of_word(before[0]) && c.is_alphabetic() {
            spaced.push(' ');
        }
        spaced.push(c);
        before = [before[1], c];
    }
    spaced
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn s11_a_name_is_no_web_address() {
        for (typed, code) in [
            ("Zoé : gagnez", "sign-in-name"),
            ("pari/gain", "sign-in-name"),
            ("zoe@pari", "sign-in-name"),
            ("<b>Zoé</b>", "sign-in-name"),
            ("www.pari", "web-address"),
            ("Gagnez (WWW.pari) vite", "web-address"),
            ("pari.fr", "web-address"),
            ("Gagnez sur PARI.COM, vite", "web-address"),
            ("vite-pari.co", "web-address"),
            ("pari.bet.", "web-address"),
            ("pari.online", "web-address"),
            ("p\u{ad}ari.f\u{200b}r", "web-address"),
            ("parix\u{30c}.com", "web-address"),
            ("A..éa.AaA", "web-address"),
            ("พี่.com", "web-address"),
            ("pari.fx\u{30c}", "web-address"),
            ("pari-.com", "web-address"),
            ("x_.fr", "web-address"),
            ("pari.com-gain", "web-address"),
        ] {
            assert_eq!(line(typed, 100).unwrap_err().code, code, "{typed}");
        }
    }

    #[test]
    fn section_1_a_point_between_letters_gets_a_space() {
        for (typed, name) in [
            ("St.Pierre", "St. Pierre"),
            ("ST.PIERRE", "ST. PIERRE"),
            ("st.pierre", "st. pierre"),
            ("J.M", "J. M"),
            ("J.-M. Dupont", "J.-M. Dupont"),
            ("Jean-Paul 2", "Jean-Paul 2"),
            ("St. Jo", "St. Jo"),
            ("Martin fils.", "Martin fils."),
            ("A.B.C", "A. B. C"),
            ("pari.fr.xyzt", "pari. fr. xyzt"),
            ("pari36.casino", "pari36. casino"),
            ("parix\u{30c}.casino", "parix\u{30c}. casino"),
        ] {
            assert_eq!(line(typed, 100).unwrap(), name);
            assert_eq!(line(name, 100).unwrap(), name);
        }
        assert_eq!(line(&format!("{}.a", "a".repeat(98)), 100).unwrap_err().code, "too-long");
    }

    proptest! {
        #[test]
        fn a_parsed_name_parses_again_to_itself(typed in "[a-zA-Z. é-]{0,30}|.{0,30}") {
            if let Ok(once) = line(&typed, 60) {
                prop_assert_eq!(line(&once, 60).unwrap(), once);
            }
        }
    }
}
