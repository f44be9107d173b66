//! 300 invented patrons and their registrations, the same at each run; only the dates are relative to today.

use domain::{Account, Library, Registration, ResourceId, calendar::day_in_paris, calendar::plus_days};
use jiff::{Timestamp, civil::Date};

use crate::{
    Error,
    draw::Draw,
    libraries::Listed,
    people,
    staff::{self, DemoMember, TOWN, TWO, VILLAGE},
    stories::{Actors, Step, Story, Timeline, instant, morning},
    towns::{self, Towns},
};

/// Number of patrons.
pub(crate) const PATRONS: usize = 300;
/// Index of the patron who can sign in.
pub(crate) const WITH_PASSWORD: usize = 11;

/// A registration as it was created, and its later changes.
#[derive(Debug, Clone)]
pub(crate) struct Patron {
    pub(crate) made: Registration,
    pub(crate) steps: Vec<Step>,
}

#[cfg(test)]
impl Patron {
    /// Returns the registration's state of today.
    pub(crate) fn now(&self) -> &Registration {
        self.steps.last().map_or(&self.made, |step| &step.after)
    }
}

/// The data from which all patrons are generated.
struct World<'a> {
    /// Libraries of the librarians who sign in.
    staffed: Vec<&'a Library>,
    /// Libraries without an e-mail address.
    unreachable: Vec<&'a Library>,
    /// All other open libraries.
    elsewhere: Vec<&'a Library>,
    resources: &'a [ResourceId],
    members: &'a [DemoMember],
    county: Account,
    towns: Towns,
    now: Timestamp,
    today: Date,
}

/// Generates all patrons.
pub(crate) fn all(
    libraries: &[Listed],
    resources: &[ResourceId],
    members: &[DemoMember],
    now: Timestamp,
) -> Result<Vec<Patron>, Error> {
    let (towns, today) = (towns::by_postal_code()?, day_in_paris(now));
    let county = members.iter().find(|member| member.member.is_county());
    let county = county.ok_or(Error::Missing("a county account"))?.account();
    let open = libraries.iter().filter(|listed| listed.open).map(|listed| &listed.library);
    let is_staffed = |library: &&Library| [TOWN, VILLAGE, TWO[0], TWO[1]].contains(&library.id.as_str());
    let (staffed, others): (Vec<_>, Vec<_>) = open.partition(is_staffed);
    let (elsewhere, unreachable) = others.into_iter().partition(|library| library.email.is_some());
    let world = World { staffed, unreachable, elsewhere, resources, members, county, towns, now, today };
    (0..PATRONS).map(|index| world.patron(index)).collect()
}

impl World<'_> {
    fn patron(&self, index: usize) -> Result<Patron, Error> {
        let mut draw = Draw::of(PATRONS + index);
        let story = Story::of(index);
        let library = self.library(index, &mut draw)?;
        let librarian = staff::at_the_desk(self.members, library)?;
        let person = people::person(index, library, &self.towns, self.today)?;
        let day = plus_days(self.today, -story.age(&mut draw));
        let made = Registration::new(
            draw.id().parse()?,
            library.id.clone(),
            person,
            self.chosen(&mut draw),
            librarian.email.clone(),
            instant(day, morning(&mut draw), self.now)?,
            day,
        );
        let library_has_address = library.email.is_some();
        let actors = Actors { librarian: &librarian, county: &self.county, library_has_address };
        let (now, today) = (self.now, self.today);
        let mut timeline = Timeline { record: made.clone(), steps: Vec::new(), actors, now, today };
        timeline.play(story, &mut draw)?;
        Ok(Patron { made, steps: timeline.steps })
    }

    /// Returns the library of the patron at `index`. Of each ten patrons, three go to the town's library, one to the
    /// two in Clermont, one to the village's, in some rounds one to a library without an address, the rest to any. The
    /// order shifts from round to round, so that each of these libraries gets every story.
    fn library(&self, index: usize, draw: &mut Draw) -> Result<&Library, Error> {
        let round = index / 20;
        let staffed = match (index + round) % 10 {
            0..3 => Some(TOWN),
            3 => Some(TWO[round % 2]),
            4 if round < 8 => Some(VILLAGE),
            _ => None,
        };
        let chosen = match staffed {
            Some(id) => self.staffed.iter().find(|library| library.id.as_str() == id),
            None if (index + round) % 10 == 5 && round.is_multiple_of(3) => {
                self.unreachable.get(draw.below(self.unreachable.len()))
            }
            None => self.elsewhere.get(draw.below(self.elsewhere.len())),
        };
        chosen.copied().ok_or(Error::Missing("a library"))
    }

    /// Returns one to all of the resources, in random order; few are more likely than many.
    fn chosen(&self, draw: &mut Draw) -> Vec<ResourceId> {
        let mut left = self.resources.to_vec();
        let count = 1 + draw.below(left.len()).min(draw.below(left.len() + 2));
        (0..count.min(left.len())).map(|_| left.swap_remove(draw.below(left.len()))).collect()
    }
}

#[cfg(test)]
#[path = "patrons_tests.rs"]
mod tests;
