//! A county of any size for measurements: invented patrons of the real libraries, after two years of the procedure. The
//! data is the same at each run. The local desk bulk-loads its table with it, without an HTTP call per patron.
//!
//! A fifth of the patrons goes to the town's library, the others to any library. Registrations are up to two years old.
//! Most of those that were due for renewal have been renewed; few are pending.

use domain::{
    Account, Email, Library, Person, Registration, Resource, ResourceId,
    calendar::{PATIENCE_DAYS, RENEWAL_WINDOW_DAYS, day_in_paris, plus_days},
    person::Name,
};
use jiff::{Timestamp, civil::Date};
use store::Store;

use crate::{
    Error,
    draw::Draw,
    libraries,
    people::{self, slug},
    resources,
    staff::{self, TOWN},
    stories::instant,
    towns, writing,
};

/// Template people per library. All other patrons take address, telephone and birth date from one of them.
const NEIGHBOURS: usize = 10;
/// Family names with the initials that the demonstration's names lack.
const MORE_NAMES: [&str; 10] =
    ["Aubry", "André", "Antoine", "Imbert", "Joly", "Roussel", "Ruffin", "Ulrich", "Wattier", "Yvon"];
/// One patron in `TOWNSPEOPLE` goes to the town's library.
const TOWNSPEOPLE: usize = 5;
/// Registrations per thousand that have been pending for at most [`PATIENCE_DAYS`] days.
const WAITING: usize = 15;
/// Percentage of patrons who renew after their first year.
const FAITHFUL: usize = 60;
/// Age of the oldest registrations, in days. Less than validity plus retention (730), so that none is due for erasure.
const OLDEST: i32 = 725;
/// Number of libraries with overdue registrations.
const FORGETFUL: usize = 25;
/// Age of the oldest overdue registrations, in days.
const FORGOTTEN: i32 = 30;

/// A generated county: a number of patrons, some of them overdue.
#[derive(Debug)]
pub struct County {
    patrons: usize,
    overdue: usize,
    places: Vec<Place>,
    town: usize,
    last_names: Vec<(Name, String)>,
    first_names: Vec<(Name, String)>,
    resources: Vec<Resource>,
    today: Date,
    /// 9:00 in Paris of each past day; the index is the number of days since.
    mornings: Vec<Timestamp>,
}

/// A library, its librarian, and the template people who live near it.
#[derive(Debug)]
struct Place {
    library: Library,
    librarian: Account,
    people: Vec<Person>,
}

impl County {
    /// The library of a fifth of the patrons.
    pub const TOWN: &str = TOWN;

    /// Creates a county of `patrons` patrons at the instant `now`; `overdue` of them have been pending for too long.
    ///
    /// # Errors
    /// [`Error`] if the data compiled in is invalid.
    pub fn of(patrons: usize, overdue: usize, now: Timestamp) -> Result<Self, Error> {
        let today = day_in_paris(now);
        let places = places(today)?;
        let town = places.iter().position(|place| place.library.id.as_str() == TOWN);
        let doubled = |a: &str| people::LAST_NAMES.map(|b| format!("{a}-{b}"));
        let last_names = people::LAST_NAMES.into_iter().chain(MORE_NAMES).map(str::to_owned);
        let mornings = (0..=OLDEST).map(|days| instant(plus_days(today, -days), (9, 0), now));
        Ok(Self {
            patrons,
            overdue,
            places,
            town: town.ok_or(Error::Missing("the town's library"))?,
            last_names: named(last_names.chain(people::LAST_NAMES.into_iter().flat_map(doubled)))?,
            first_names: named([&people::ELDERS[..], &people::ADULTS, &people::YOUNG].concat().into_iter())?,
            resources: resources::all()?,
            today,
            mornings: mornings.collect::<Result<_, _>>()?,
        })
    }

    /// Returns the number of patrons.
    pub fn patrons(&self) -> usize {
        self.patrons
    }

    /// Returns the libraries where people can register.
    pub fn libraries(&self) -> impl Iterator<Item = &Library> {
        self.places.iter().map(|place| &place.library)
    }

    /// Writes the libraries and resources that are not stored yet.
    ///
    /// # Errors
    /// [`Error::Store`] if the table does not answer.
    pub async fn open(&self, store: &Store) -> Result<(), Error> {
        writing::directory(store, self.libraries().cloned().collect(), self.resources.clone()).await
    }

    /// Returns the registration at `index` in its state of today.
    ///
    /// # Errors
    /// [`Error`] if the generated data is invalid.
    pub fn registration(&self, index: usize) -> Result<Registration, Error> {
        let mut draw = Draw::of(index);
        let forgotten = self.forgotten(index);
        let place = self.place(index, forgotten, &mut draw)?;
        let waits = forgotten.is_some() || draw.below(1_000) < WAITING;
        let age = match forgotten {
            Some(_) => draw.days(PATIENCE_DAYS + 1, FORGOTTEN),
            None if waits => draw.days(0, PATIENCE_DAYS),
            None => draw.days(PATIENCE_DAYS, OLDEST),
        };
        let (day, at) = self.morning(age)?;
        let id = draw.id().parse()?;
        let (person, by) = (self.person(index, place, &mut draw)?, place.librarian.email.clone());
        let made = Registration::new(id, place.library.id.clone(), person, self.chosen(&mut draw), by, at, day);
        if waits { Ok(made) } else { self.lived(&made, age, &place.librarian, &mut draw) }
    }

    /// Returns the ordinal of the overdue registration at `index`, if there is one. They are spread evenly.
    fn forgotten(&self, index: usize) -> Option<usize> {
        let stride = self.patrons.checked_div(self.overdue)?.max(1);
        let which = index / stride;
        (index % stride == stride / 2 && which < self.overdue).then_some(which)
    }

    /// Returns the library of a patron. Overdue registrations share the same few libraries, at any county size.
    fn place(&self, index: usize, forgotten: Option<usize>, draw: &mut Draw) -> Result<&Place, Error> {
        let place = match forgotten {
            Some(which) => which % FORGETFUL * (self.places.len() / FORGETFUL),
            None if index.is_multiple_of(TOWNSPEOPLE) => self.town,
            None => draw.below(self.places.len()),
        };
        self.places.get(place).ok_or(Error::Missing("a library"))
    }

    /// Returns a copy of one of the place's template people with a name, e-mail address and card of their own.
    fn person(&self, index: usize, place: &Place, draw: &mut Draw) -> Result<Person, Error> {
        let double = draw.below(8) == 0;
        let single = people::LAST_NAMES.len() + MORE_NAMES.len();
        let last = draw.below(if double { self.last_names.len() } else { single });
        let (last, first) = (self.last_names.get(last), self.first_names.get(draw.below(self.first_names.len())));
        let ((last_name, last), (first_name, first)) = last.zip(first).ok_or(Error::Missing("a name"))?;
        let neighbour = place.people.get(draw.below(place.people.len())).ok_or(Error::Missing("a template person"))?;
        let (last_name, first_name) = (last_name.clone(), first_name.clone());
        let email: Email = format!("{first}.{last}.{index}@oise.example").parse()?;
        let card_number = neighbour.card_number.as_ref().map(|_| format!("0{index:09}").parse()).transpose()?;
        Ok(Person { last_name, first_name, email, card_number, ..neighbour.clone() })
    }

    /// Returns one to three resources.
    fn chosen(&self, draw: &mut Draw) -> Vec<ResourceId> {
        let (first, count) = (draw.below(self.resources.len()), 1 + draw.below(3));
        self.resources.iter().cycle().skip(first).take(count).map(|resource| resource.id.clone()).collect()
    }

    /// Activates a registration within a week and, for most, renews it around the end of its first year.
    fn lived(&self, made: &Registration, age: i32, by: &Account, draw: &mut Draw) -> Result<Registration, Error> {
        let checked = plus_days(self.today, draw.days(0, PATIENCE_DAYS) - age);
        let activated = made.activate(by, checked).map_err(Error::Refused)?;
        let activated = activated.ok_or(Error::Missing("a pending registration"))?;
        let back = plus_days(activated.expires_on, draw.days(-RENEWAL_WINDOW_DAYS, RENEWAL_WINDOW_DAYS));
        let comes_back = draw.chance(FAITHFUL) && back <= self.today;
        if comes_back { activated.renew(by, back).map_err(Error::Refused) } else { Ok(activated) }
    }

    /// Returns a past day and its 9:00 in Paris.
    fn morning(&self, days_ago: i32) -> Result<(Date, Timestamp), Error> {
        let at = usize::try_from(days_ago).ok().and_then(|days| self.mornings.get(days));
        Ok((plus_days(self.today, -days_ago), *at.ok_or(Error::Missing("a day"))?))
    }
}

/// Returns the open libraries with their librarians and template people.
fn places(today: Date) -> Result<Vec<Place>, Error> {
    let (towns, librarians) = (towns::by_postal_code()?, staff::librarians()?);
    let open = libraries::all()?.into_iter().filter(|listed| listed.open).map(|listed| listed.library);
    let place = |(at, library): (usize, Library)| {
        let around = (0..NEIGHBOURS).map(|n| people::person(at * NEIGHBOURS + n, &library, &towns, today));
        let people = around.collect::<Result<_, _>>()?;
        Ok(Place { librarian: staff::at_the_desk(&librarians, &library)?, people, library })
    };
    open.enumerate().map(place).collect()
}

/// Parses names and pairs each with its spelling in e-mail addresses.
fn named(names: impl Iterator<Item = impl AsRef<str>>) -> Result<Vec<(Name, String)>, Error> {
    names.map(|name| Ok((name.as_ref().parse()?, slug(name.as_ref())))).collect()
}

#[cfg(test)]
#[path = "county_tests.rs"]
mod tests;
