//! Names and streets of invented people: names as found in the Oise, with all the special characters of French and
//! neighbouring languages.

/// Family names.
#[rustfmt::skip]
pub(crate) const LAST_NAMES: [&str; 75] = [
    "Lefèvre", "D'Hérouville", "Le Goff", "Œhmichen", "Éluard", "Dédreux", "Ozanne", "Oda", "Lecœur", "Élan",
    "Dupont-Legrand", "N'Diaye", "de La Tour", "Müller", "Nguyễn", "Van den Bossche", "L'Hermitte", "Lebœuf",
    "Traoré", "Saint-Aubin", "Kowalczyk", "Benoît", "Nuñez", "Çelik", "Ben Saïd", "Caron", "Dubois", "Leroy",
    "Lemaire", "Carpentier", "Boulanger", "Delaporte", "Vasseur", "Fournier", "Mercier", "Lambert",
    "Bertrand", "Gérard", "Rousseau", "Poulain", "Hénon", "Prévost", "Thévenin", "Maës", "Haëck", "Bouffé",
    "Desœuvres", "Cœuret", "O'Brien", "M'Barek", "Da Silva", "Dos Santos", "Le Bœuf-Martin", "d'Estrées",
    "d'Ailly", "Du Bellay", "Des Îles", "Queneutte", "Wallon", "Thiérache", "Bray", "Noyonnais", "Valois",
    "Clermont", "Beauvoisin", "Vexin", "Halatte", "Cressonsacq", "Picard", "Delattre", "Flamand", "Houbigant",
    "Jeanne-Rose", "Lacroix", "Zabłocki",
];

/// Given names of people of 65 and more.
#[rustfmt::skip]
pub(crate) const ELDERS: [&str; 30] = [
    "Ginette", "Jean-Pierre", "Marie-Thérèse", "Gérard", "Odile", "René", "Anne-Marie", "Raymond",
    "Geneviève", "André", "Josiane", "Maurice", "Françoise", "Jean-François", "Solange", "Hervé", "Thérèse",
    "Serge", "Noëlle", "Gaëtan", "Huguette", "Félix", "Cœlia", "Roland", "Yvette", "Alphonse", "Édith",
    "Lucien", "Mauricette", "Étienne",
];

/// Given names of adults.
#[rustfmt::skip]
pub(crate) const ADULTS: [&str; 60] = [
    "Aurélie", "Sébastien", "Émilie", "Jérôme", "Céline", "Frédéric", "Stéphanie", "Loïc", "Hélène",
    "Mickaël", "Zoé", "François-Xavier", "Nathalie", "Cédric", "Anaïs", "Grégory", "Maëlle", "Rémi",
    "Delphine", "Benoît", "Fatoumata", "Mehdi", "Agnieszka", "Paulo", "Inês", "Thuỳ-Linh", "Marie-Cœlia",
    "Anne-Sophie", "Jean-Baptiste", "Véronique", "Régis", "Isabelle", "Stéphane", "Valérie", "Thierry",
    "Karine", "Arnaud", "Sandrine", "Ludovic", "Bérengère", "Gaëlle", "Raphaël", "Noémie", "Clément",
    "Amélie", "Valentin", "Léa", "Théo", "Chloé", "Élodie", "Guénolé", "Maïté", "Yaël", "Çağla", "Xénia",
    "Océane", "Dylan", "Mélanie", "Kévin", "Priscilla",
];

/// Given names of children and young people.
#[rustfmt::skip]
pub(crate) const YOUNG: [&str; 40] = [
    "Léo", "Inès", "Noé", "Jade", "Maël", "Lou-Anne", "Timéo", "Éléonore", "Gaspard", "Anaé", "Nolan",
    "Célestin", "Lina", "Raphaëlle", "Sacha", "Mylène", "Adèle", "Côme", "Ézéchiel", "Apolline", "Louka",
    "Maïwenn", "Aya", "Ibrahim", "Eliott", "Héloïse", "Thaïs", "Axel", "Swann", "Tom", "Léonie", "Jules",
    "Capucine", "Marceau", "Garance", "Noham", "Zélie", "Aaron", "Salomé", "Kaïs",
];

/// Streets that exist anywhere in the county.
#[rustfmt::skip]
pub(crate) const STREETS: [&str; 16] = [
    "rue de l'Église", "place de la Mairie", "rue du Général-de-Gaulle", "impasse des Œillets",
    "allée des Chênes", "chemin du Moulin", "rue du Château-d'Eau", "avenue Jean-Jaurès", "Grande Rue",
    "rue des Écoles", "rue de l'Abbaye", "résidence les Acacias, bâtiment B", "rue Hélène-Boucher",
    "route de Compiègne", "hameau de l'Épine", "rue du Bœuf-Couronné",
];
