//! How the name of a library is written: the register holds it as each town typed it.

use domain::{Fault, collation::fold, text};

/// Longest name or town, in characters.
const MAX: usize = 200;
/// Capitals in a row that may be an acronym; more are shouting.
const ACRONYM: usize = 3;

/// Words that are nobody's name, with the accents that capitals and haste have cost them.
const COMMON: [&str; 28] = [
    "bibliothèque",
    "bibliothèques",
    "médiathèque",
    "médiathèques",
    "ludothèque",
    "bibliobus",
    "municipale",
    "communale",
    "intercommunale",
    "départementale",
    "intergénérationnelle",
    "multimédia",
    "dionysienne",
    "annexe",
    "administration",
    "association",
    "activités",
    "loisirs",
    "centre",
    "socioculturel",
    "espace",
    "culturel",
    "pôle",
    "mairie",
    "ville",
    "villages",
    "vallée",
    "tous",
];
/// Small words, lower-case even between names: Jean de La Fontaine.
const SMALL: [&str; 10] = ["de", "du", "des", "en", "et", "aux", "sur", "sous", "lès", "pour"];
const ARTICLES: [&str; 3] = ["Le ", "La ", "Les "];

/// A library's name, tidied; `town` is where it stands, and is written in the name as it is written by itself.
pub(super) fn name(written: &str, town: &str) -> Result<String, Fault> {
    let line = text::line(&written.replace('\\', " "), MAX)?;
    let line = without_number(&line).replace("d' ", "d'").replace("D' ", "d'");
    let mut words: Vec<String> = line.split(' ').map(word).collect();
    write_town(&mut words, town);
    for at in 0..words.len() {
        if at == 0 || words[at - 1] == "-" {
            words[at] = capitalised(&words[at]);
        }
    }
    Ok(words.join(" "))
}

/// `60 - Médiathèque départementale` without the number of the department.
fn without_number(line: &str) -> &str {
    let numbered = line.split_once(" - ").filter(|(number, _)| number.bytes().all(|b| b.is_ascii_digit()));
    numbered.map_or(line, |(_, name)| name)
}

/// A town, or any other line that names something: spaces and capitals tidied, else as it is written.
pub(super) fn place(written: &str) -> Result<String, Fault> {
    let line = text::line(written, MAX)?;
    Ok(line.split(' ').map(unshouted).collect::<Vec<_>>().join(" "))
}

/// A text as a part of an address: `Saint-Leu-d'Esserent` → `saint-leu-desserent`.
pub(super) fn slug(text: &str) -> String {
    text.split([' ', '-']).map(fold).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// One word, with quotes as French has them.
fn word(typed: &str) -> String {
    let bare = typed.trim_matches(|c: char| !c.is_alphanumeric());
    let Some((before, after)) = typed.split_once(bare).filter(|_| !bare.is_empty()) else {
        return typed.to_owned();
    };
    let bare = match bare.split_at_checked(2) {
        Some(("d'" | "D'", name)) => format!("d'{}", unshouted(name)),
        _ => known(bare).map_or_else(|| unshouted(bare), str::to_owned),
    };
    let opening = if before == "'" { "« " } else { before };
    let closing = if after == "'" { " »" } else { after };
    format!("{opening}{bare}{closing}")
}

fn known(word: &str) -> Option<&'static str> {
    let folded = fold(word);
    let small = SMALL.into_iter().find(|small| word.to_lowercase() == **small);
    small.or_else(|| COMMON.into_iter().find(|common| fold(common) == folded))
}

/// A word in lower case but for its initials, if it was all in capitals and no acronym.
fn unshouted(word: &str) -> String {
    let shouted = word.chars().filter(|c| c.is_alphabetic()).count() > ACRONYM && word.to_uppercase() == word;
    if !shouted {
        return word.to_owned();
    }
    let lower = word.to_lowercase();
    let parts = lower.split('-').map(|part| if SMALL.contains(&part) { part.to_owned() } else { capitalised(part) });
    parts.collect::<Vec<_>>().join("-")
}

fn capitalised(word: &str) -> String {
    let mut rest = word.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// Writes the town, wherever the name holds it in whatever spelling, as the town is written: "de" and an article
/// become one, `De Le Plessier-Sur-Saint-Just` → `du Plessier-sur-Saint-Just`.
fn write_town(words: &mut Vec<String>, town: &str) {
    let bare_town = ARTICLES.iter().find_map(|article| town.strip_prefix(article));
    let towns: Vec<_> = [Some(town), bare_town].into_iter().flatten().map(|town| (town, spelled(town))).collect();
    let is_word = |at: usize| words[at].contains(char::is_alphanumeric);
    let spans = (0..words.len()).flat_map(|from| (from + 1..=words.len()).rev().map(move |to| (from, to)));
    let found = spans.filter(|&(from, to)| is_word(from) && is_word(to - 1)).find_map(|(from, to)| {
        let typed = words[from..to].join(" ");
        let (elided, typed) = typed.strip_prefix("d'").map_or(("", typed.as_str()), |name| ("d'", name));
        let typed = spelled(typed);
        let (town, _) = towns.iter().find(|(_, spelled)| *spelled == typed)?;
        Some((from, to, format!("{elided}{town}")))
    });
    let Some((from, to, town)) = found else { return };
    match from.checked_sub(1).filter(|&before| words[before] == "de").zip(joined_to_de(&town)) {
        Some((before, joined)) => words.splice(before..to, joined),
        None => words.splice(from..to, vec![town]),
    };
}

/// What "de" and a town become, where they don't just stand side by side.
fn joined_to_de(town: &str) -> Option<Vec<String>> {
    let joined = if let Some(name) = town.strip_prefix("Le ") {
        vec!["du".to_owned(), name.to_owned()]
    } else if let Some(name) = town.strip_prefix("Les ") {
        vec!["des".to_owned(), name.to_owned()]
    } else if fold(town).starts_with(['a', 'e', 'i', 'o', 'u']) {
        vec![format!("d'{town}")]
    } else {
        return None;
    };
    Some(joined)
}

/// A place as it is compared: St is Saint, and only letters count.
fn spelled(place: &str) -> String {
    let part = |part| match fold(part).as_str() {
        "st" => "saint".to_owned(),
        "ste" => "sainte".to_owned(),
        other => other.to_owned(),
    };
    place.split([' ', '-']).map(part).collect()
}

#[cfg(test)]
#[path = "spelling_rows.rs"]
mod rows;
