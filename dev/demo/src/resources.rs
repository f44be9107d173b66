//! The seven services that the county pays for.

use domain::{Fault, Resource};

/// Id and name of each resource.
const RESOURCES: [[&str; 2]; 7] = [
    ["la-souris-qui-raconte", "La souris qui raconte"],
    ["le-kiosk", "Le Kiosk"],
    ["livres-numeriques", "Livres numériques"],
    ["musicme", "MusicMe"],
    ["philharmonie-de-paris", "Philharmonie de Paris"],
    ["skilleos", "Skilleos"],
    ["tout-apprendre", "Tout Apprendre"],
];

/// Returns all resources.
pub(crate) fn all() -> Result<Vec<Resource>, Fault> {
    let resource = |[id, name]: [&str; 2]| {
        let url = Some(format!("https://{id}.ressources.oise.example/").parse()?);
        Ok(Resource { id: id.parse()?, name: name.to_owned(), active: true, url })
    };
    RESOURCES.into_iter().map(resource).collect()
}
