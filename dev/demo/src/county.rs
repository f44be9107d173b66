//! A county of any size, the same each time: invented patrons over the real libraries, as two years of the procedure have
//! left them. For measuring how the desk grows; the local desk seeds its table with it, without a call for each.
//!
//! A fifth goes to the town's library, the others anywhere. Registrations are up to two years old; most that were due
//! for it have been renewed, few are pending.

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

/// People that all others are made from, for each library: addresses, telephones, dates of birth.
const NEIGHBOURS: usize = 10;
/// Family names for the letters that those of the demonstration leave out.
const MORE_NAMES: [&str; 10] =
    ["Aubry", "André", "Antoine", "Imbert", "Joly", "Roussel", "Ruffin", "Ulrich", "Wattier", "Yvon"];
/// One in so many goes to the town's library.
const TOWNSPEOPLE: usize = 5;
/// Of a thousand, those who wait for their activation since a week at most.
const WAITING: usize = 15;
/// Of a hundred, those who renew at the end of a year.
const FAITHFUL: usize = 60;
/// Age of the oldest registrations, in days: nobody is to be erased yet.
const OLDEST: i32 = 725;
/// Libraries that forget.
const FORGETFUL: usize = 25;
/// Age of the oldest overdue ones, in days.
const FORGOTTEN: i32 = 30;

/// A county of so many patrons, of whom so many are overdue.
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
    /// Nine in the morning, by the days that have passed since.
    mornings: Vec<Timestamp>,
}

/// A library, who works there, and the people around it.
#[derive(Debug)]
struct Place {
    library: Library,
    librarian: Account,
    people: Vec<Person>,
}

impl County {
    /// A library that a fifth of the patrons go to.
    pub const TOWN: &str = TOWN;

    /// So many patrons, so many of them overdue, as of this moment.
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

    /// How many there are.
    pub fn patrons(&self) -> usize {
        self.patrons
    }

    /// Where people can register.
    pub fn libraries(&self) -> impl Iterator<Item = &Library> {
        self.places.iter().map(|place| &place.library)
    }

    /// Writes its libraries and resources.
    ///
    /// # Errors
    /// [`Error::Store`] when the table does not answer.
    pub async fn open(&self, store: &Store) -> Result<(), Error> {
        writing::directory(store, self.libraries().cloned().collect(), self.resources.clone()).await
    }

    /// The registration at `index`, as it stands today.
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

    /// Which of the overdue ones is at `index`, if one is. They are spread evenly.
    fn forgotten(&self, index: usize) -> Option<usize> {
        let stride = self.patrons.checked_div(self.overdue)?.max(1);
        let which = index / stride;
        (index % stride == stride / 2 && which < self.overdue).then_some(which)
    }

    /// The overdue ones are at the same few libraries, whatever the county's size.
    fn place(&self, index: usize, forgotten: Option<usize>, draw: &mut Draw) -> Result<&Place, Error> {
        let place = match forgotten {
            Some(which) => which % FORGETFUL * (self.places.len() / FORGETFUL),
            None if index.is_multiple_of(TOWNSPEOPLE) => self.town,
            None => draw.below(self.places.len()),
        };
        self.places.get(place).ok_or(Error::Missing("a library"))
    }

    /// Somebody of the place, under a name and with an address and a card of their own.
    fn person(&self, index: usize, place: &Place, draw: &mut Draw) -> Result<Person, Error> {
        let double = draw.below(8) == 0;
        let single = people::LAST_NAMES.len() + MORE_NAMES.len();
        let last = draw.below(if double { self.last_names.len() } else { single });
        let (last, first) = (self.last_names.get(last), self.first_names.get(draw.below(self.first_names.len())));
        let ((last_name, last), (first_name, first)) = last.zip(first).ok_or(Error::Missing("a name"))?;
        let neighbour = place.people.get(draw.below(place.people.len())).ok_or(Error::Missing("somebody"))?;
        let (last_name, first_name) = (last_name.clone(), first_name.clone());
        let email: Email = format!("{first}.{last}.{index}@oise.example").parse()?;
        let card_number = neighbour.card_number.as_ref().map(|_| format!("0{index:09}").parse()).transpose()?;
        Ok(Person { last_name, first_name, email, card_number, ..neighbour.clone() })
    }

    /// One to three resources.
    fn chosen(&self, draw: &mut Draw) -> Vec<ResourceId> {
        let (first, count) = (draw.below(self.resources.len()), 1 + draw.below(3));
        self.resources.iter().cycle().skip(first).take(count).map(|resource| resource.id.clone()).collect()
    }

    /// Activated within the week, and renewed around the end of the year, or not.
    fn lived(&self, made: &Registration, age: i32, by: &Account, draw: &mut Draw) -> Result<Registration, Error> {
        let checked = plus_days(self.today, draw.days(0, PATIENCE_DAYS) - age);
        let activated = made.activate(by, checked).map_err(Error::Refused)?;
        let activated = activated.ok_or(Error::Missing("a registration that waits"))?;
        let back = plus_days(activated.expires_on, draw.days(-RENEWAL_WINDOW_DAYS, RENEWAL_WINDOW_DAYS));
        let comes_back = draw.chance(FAITHFUL) && back <= self.today;
        if comes_back { activated.renew(by, back).map_err(Error::Refused) } else { Ok(activated) }
    }

    /// A day in the past, and nine in the morning of it.
    fn morning(&self, days_ago: i32) -> Result<(Date, Timestamp), Error> {
        let at = usize::try_from(days_ago).ok().and_then(|days| self.mornings.get(days));
        Ok((plus_days(self.today, -days_ago), *at.ok_or(Error::Missing("a day"))?))
    }
}

/// The libraries that people can go to, with those around them.
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

/// Names, each with its spelling in an address.
fn named(names: impl Iterator<Item = impl AsRef<str>>) -> Result<Vec<(Name, String)>, Error> {
    names.map(|name| Ok((name.as_ref().parse()?, slug(name.as_ref())))).collect()
}

#[cfg(test)]
#[path = "county_tests.rs"]
mod tests;
