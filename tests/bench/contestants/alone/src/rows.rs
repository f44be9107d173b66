//! `rows N FILE`: writes the workbook of N patrons page by page, as they come from the table. Prints the CPU time in
//! nanoseconds, the file's bytes, and the memory in kilobytes at its peak and before.

use std::{error::Error, fs};

use domain::{Library, Registration, ResourceId};
use jiff::{Timestamp, civil::date};

use crate::{busy, workbook::Workbook};

/// Rows that `export` reads per page.
const PAGE: usize = 500;
const LAST: [&str; 8] = ["Lefèvre", "Müller-Château", "N’Diaye", "Hérault", "Œdipe", "Le Guÿon", "Bézard", "Thuillier"];
const FIRST: [&str; 7] = ["Zoé", "François-Xavier", "Maëlle", "Anaïs", "Joséphine", "Raphaël", "Chloé"];
const TOWNS: [&str; 5] = ["Crépy-en-Valois", "Pont-Sainte-Maxence", "Méru", "Noyon", "Grandvilliers"];

pub(crate) fn written(rows: usize, file: &str) -> Result<(), Box<dyn Error>> {
    let id = |id: &str| id.parse::<ResourceId>().expect("an id");
    let names = [(id("musicme"), "MusicMe".to_owned()), (id("skilleos"), "Skilleos".to_owned())].into();
    let library = Library {
        id: "LI10511".parse().expect("an id"),
        name: "Bibliothèque municipale".to_owned(),
        town: "Fleury".to_owned(),
        postal_code: "60240".parse().expect("a postal code"),
        email: None,
        active: true,
    };
    let idle = peak()?;
    let mut began = busy()?;
    let mut took = 0;
    let mut workbook = Workbook::new(date(2026, 11, 24), names)?;
    for first in (0..rows).step_by(PAGE) {
        took += busy()? - began;
        let page: Vec<Registration> = (first..rows.min(first + PAGE)).map(patron).collect();
        began = busy()?;
        for patron in &page {
            workbook.add(patron, Some(&library))?;
        }
    }
    let made = workbook.finish()?;
    took += busy()? - began;
    let size = made.as_file().metadata()?.len();
    let peak = peak()?;
    fs::copy(made.path(), file)?;
    println!("{took} {size} {peak} {idle}");
    Ok(())
}

fn patron(n: usize) -> Registration {
    let person = serde_json::json!({
        "lastName": LAST[n % 8], "firstName": FIRST[n % 7], "birthDate": "1988-02-29", "postalCode": "60800",
        "email": format!("u{n}@orange.example"), "phone": "0612345678", "address": format!("{} rue de l’Église", n % 200),
        "town": TOWNS[n % 5], "cardNumber": format!("{n:06}"),
    });
    let at: Timestamp = "2026-11-24T08:00:00Z".parse().expect("an instant");
    Registration::new(
        format!("{n:024x}").parse().expect("an id"),
        "LI10511".parse().expect("an id"),
        serde_json::from_value(person).expect("a person"),
        ["musicme", "skilleos"].map(|id| id.parse().expect("an id")).into(),
        "marie@fleury.example".parse().expect("an address"),
        at,
        date(2026, 11, 24),
    )
}

/// Returns the peak memory so far, in kilobytes.
fn peak() -> Result<u64, Box<dyn Error>> {
    let told = fs::read_to_string("/proc/self/status")?;
    let peak = told.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(peak.trim().trim_end_matches(" kB").parse()?)
}
