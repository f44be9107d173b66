//! Invented people who can't be reached: their e-mail addresses are under a domain reserved for examples (RFC 2606),
//! their telephone numbers in ranges reserved for fiction (Arcep, decision 2018-0881).

mod lists;

use domain::{
    Email, Fault, Library, Person,
    collation::fold,
    person::{BirthDate, CardNumber},
};
use jiff::{ToSpan, civil::Date};

use crate::{draw::Draw, towns::Towns};
use lists::STREETS;
pub(crate) use lists::{ADULTS, ELDERS, LAST_NAMES, YOUNG};

/// Generates the person at `index`, a patron of `library`.
pub(crate) fn person(index: usize, library: &Library, towns: &Towns, today: Date) -> Result<Person, Fault> {
    let mut draw = Draw::of(index);
    let (first_names, age) = generation(&mut draw);
    // Four people share a family name; the multipliers give them different given names.
    let last_name = LAST_NAMES[index % LAST_NAMES.len()];
    let first_name = first_names[(index * 7 + index / LAST_NAMES.len() * 11) % first_names.len()];
    let birth_date = today.saturating_sub(age.years().days(draw.days(0, 364)));
    let phone = if draw.chance(85) { Some(phone(&mut draw).parse()?) } else { None };
    let street = format!("{} {}", 1 + draw.below(120), draw.one_of(&STREETS));
    let address = if draw.chance(90) { Some(street.parse()?) } else { None };
    let card_number = if draw.chance(85) { Some(card(index, library)?) } else { None };
    Ok(Person {
        last_name: last_name.parse()?,
        first_name: first_name.parse()?,
        birth_date: BirthDate::parse(&birth_date.to_string(), today)?,
        email: email(first_name, last_name)?,
        phone,
        address,
        postal_code: Some(library.postal_code.clone()),
        town: Some(town(&mut draw, library, towns).parse()?),
        card_number,
    })
}

/// Returns an age in years and the list of given names of that generation.
fn generation(draw: &mut Draw) -> (&'static [&'static str], i32) {
    match draw.below(10) {
        0..3 => (&ELDERS, draw.days(65, 92)),
        3..8 => (&ADULTS, draw.days(20, 62)),
        _ => (&YOUNG, draw.days(10, 19)),
    }
}

fn email(first_name: &str, last_name: &str) -> Result<Email, Fault> {
    format!("{}.{}@oise.example", slug(first_name), slug(last_name)).parse()
}

/// Converts a text to a part of an e-mail address: `Saint-Leu-d'Esserent` → `saint-leu-desserent`.
pub(crate) fn slug(text: &str) -> String {
    text.split([' ', '-']).map(fold).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

/// Returns a telephone number from a fictional range, in one of the usual notations.
fn phone(draw: &mut Draw) -> String {
    let (one, other) = (draw.below(100), draw.below(100));
    match draw.below(5) {
        0 => format!("03.53.01.{one:02}.{other:02}"),
        1 => format!("03 53 01 {one:02} {other:02}"),
        2 => format!("+33 6 39 98 {one:02} {other:02}"),
        3 => format!("063998{one:02}{other:02}"),
        _ => format!("06 39 98 {one:02} {other:02}"),
    }
}

/// Returns the library's town or, half of the time, a town with the same postal code.
fn town<'a>(draw: &mut Draw, library: &'a Library, towns: &'a Towns) -> &'a str {
    let neighbours = towns.get(library.postal_code.as_str()).map(Vec::as_slice).unwrap_or_default();
    let neighbour = neighbours.get(draw.below(neighbours.len()));
    neighbour.filter(|_| draw.chance(50)).map_or(&library.town, |town| town)
}

/// Returns a card number with a leading zero, which would be lost if it were not text.
fn card(index: usize, library: &Library) -> Result<CardNumber, Fault> {
    let digits: String = library.id.as_str().chars().filter(char::is_ascii_digit).collect();
    format!("0{digits:0>5}{index:04}").parse()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{libraries, patrons::PATRONS, towns};

    fn people() -> Vec<Person> {
        let (towns, library) = (towns::by_postal_code().unwrap(), libraries::all().unwrap().remove(0).library);
        let today = "2026-11-24".parse().unwrap();
        (0..PATRONS).map(|index| person(index, &library, &towns, today).unwrap()).collect()
    }

    #[test]
    fn emails_are_unique_and_under_a_reserved_domain() {
        let emails: BTreeSet<_> = people().into_iter().map(|person| person.email).collect();
        assert_eq!(emails.len(), PATRONS);
        assert!(emails.iter().all(|email| email.as_str().ends_with("@oise.example")));
    }

    #[test]
    fn slugs_are_plain_letters() {
        assert_eq!(slug("Saint-Leu-d'Esserent"), "saint-leu-desserent");
        assert_eq!(slug("Le Cœur  d'Été"), "le-coeur-dete");
    }

    #[test]
    fn every_telephone_is_in_a_range_reserved_for_fiction() {
        let phones: Vec<_> = people().into_iter().filter_map(|person| person.phone).collect();
        assert!(phones.len() > PATRONS / 2);
        for phone in phones {
            let digits: String = phone.as_str().chars().filter(char::is_ascii_digit).collect();
            let national = digits.strip_prefix("33").map_or(digits.clone(), |rest| format!("0{rest}"));
            assert!(national.len() == 10, "{phone}");
            assert!(national.starts_with("035301") || national.starts_with("063998"), "{phone}");
        }
    }

    #[test]
    fn names_cover_the_special_characters_of_french_names() {
        let names: Vec<String> =
            people().iter().map(|person| format!("{} {}", person.first_name, person.last_name)).collect();
        for part in ["é", "È", "É", "ï", "ç", "Œ", "œ", "-", "'", "D'H", "Le Goff", "de La ", "N'D"] {
            let (part, found) = (part.to_lowercase(), names.iter().map(|name| name.to_lowercase()));
            assert!(found.into_iter().any(|name| name.contains(&part)), "{part}");
        }
    }

    #[test]
    fn people_are_of_all_ages_and_live_in_several_towns() {
        let people = people();
        let years: Vec<i16> = people.iter().map(|person| person.birth_date.date().year()).collect();
        assert!(years.iter().any(|&year| year < 1950) && years.iter().any(|&year| year > 2010));
        let towns: BTreeSet<_> = people.iter().filter_map(|person| person.town.as_ref()).collect();
        assert!(towns.len() > 5, "{towns:?}");
    }
}
