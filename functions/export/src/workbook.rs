//! The workbook: one sheet, in French, header frozen and filterable, written row by row in constant memory.

use std::{borrow::Cow, collections::BTreeMap};

use domain::{
    Library, Registration, ResourceId, Status,
    person::{Address, CardNumber, Phone, PostalCode, Town},
};
use jiff::civil::Date;
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, Worksheet, XlsxError};
use tempfile::NamedTempFile;

/// Of 1 to 9. A tenth larger than by the usual 6, in a third of the time: somebody waits for it.
const LEVEL: u8 = 3;

/// A column: heading, width in characters, and what it shows of a row.
struct Column(&'static str, f64, for<'a> fn(&'a Row<'a>) -> Cell<'a>);

const COLUMNS: [Column; 16] = [
    Column("Statut", 11.0, |row| Cell::Status(row.registration.status(row.today))),
    Column("Nom", 22.0, |row| Cell::text(row.registration.person.last_name.as_str())),
    Column("Prénom", 18.0, |row| Cell::text(row.registration.person.first_name.as_str())),
    Column("Inscription", 12.0, |row| Cell::Date(row.registration.registered_on)),
    Column("Fin d’accès", 12.0, |row| Cell::Date(row.registration.expires_on)),
    Column("Ressources", 40.0, |row| Cell::Text(row.resources().into())),
    Column("Date de naissance", 17.0, |row| Cell::Date(row.registration.person.birth_date.date())),
    Column("E-mail", 32.0, |row| Cell::text(row.registration.person.email.as_str())),
    Column("Téléphone", 16.0, |row| Cell::maybe(row.registration.person.phone.as_ref().map(Phone::as_str))),
    Column("Adresse", 32.0, |row| Cell::maybe(row.registration.person.address.as_ref().map(Address::as_str))),
    Column("Code postal", 12.0, |row| {
        Cell::maybe(row.registration.person.postal_code.as_ref().map(PostalCode::as_str))
    }),
    Column("Commune", 22.0, |row| Cell::maybe(row.registration.person.town.as_ref().map(Town::as_str))),
    Column("N° de carte", 14.0, |row| {
        Cell::maybe(row.registration.person.card_number.as_ref().map(CardNumber::as_str))
    }),
    Column("Validé le", 12.0, |row| row.registration.activated_on.map_or(Cell::Empty, Cell::Date)),
    Column("Renouvelé le", 13.0, |row| row.registration.renewed_on.map_or(Cell::Empty, Cell::Date)),
    Column("Bibliothèque", 44.0, |row| Cell::Text(row.library().into())),
];

/// What a cell holds. There is no number and no formula among them.
enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Date(Date),
    Status(Status),
}

impl<'a> Cell<'a> {
    fn text(text: &'a str) -> Self {
        Self::Text(text.into())
    }

    fn maybe(text: Option<&'a str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }
}

/// A registration and the names around it.
struct Row<'a> {
    registration: &'a Registration,
    library: Option<&'a Library>,
    names: &'a BTreeMap<ResourceId, String>,
    today: Date,
}

impl Row<'_> {
    fn resources(&self) -> String {
        let name = |id: &ResourceId| self.names.get(id).map_or_else(|| id.to_string(), Clone::clone);
        self.registration.resources.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn library(&self) -> String {
        self.library.map_or_else(|| self.registration.library_id.to_string(), Library::label)
    }
}

/// A workbook under construction.
pub struct Workbook {
    book: rust_xlsxwriter::Workbook,
    rows: u32,
    today: Date,
    names: BTreeMap<ResourceId, String>,
    formats: Formats,
}

impl Workbook {
    /// With its header, for the statuses of `today` and these names of resources.
    pub fn new(today: Date, names: BTreeMap<ResourceId, String>) -> Result<Self, XlsxError> {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.set_zip_compression_level(LEVEL);
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name("Usagers")?;
        sheet.set_freeze_panes(1, 0)?;
        let heading =
            Format::new().set_bold().set_background_color(Color::RGB(0xE8_EC_F1)).set_align(FormatAlign::Left);
        for (at, Column(name, width, _)) in (0..).zip(&COLUMNS) {
            sheet.set_column_width(at, *width)?;
            sheet.write_string_with_format(0, at, *name, &heading)?;
        }
        Ok(Self { book, rows: 0, today, names, formats: Formats::new() })
    }

    /// Adds a row.
    pub fn add(&mut self, registration: &Registration, library: Option<&Library>) -> Result<(), XlsxError> {
        self.rows += 1;
        let sheet = self.book.worksheet_from_index(0)?;
        let row = Row { registration, library, names: &self.names, today: self.today };
        for (at, Column(_, _, value)) in (0..).zip(&COLUMNS) {
            self.formats.write(sheet, self.rows, at, &value(&row))?;
        }
        Ok(())
    }

    /// The file, which is gone once nobody holds it: on a disk, so that memory doesn't grow with the rows.
    pub fn finish(mut self) -> Result<NamedTempFile, XlsxError> {
        let last_column = u16::try_from(COLUMNS.len() - 1).unwrap_or(u16::MAX);
        let rows = self.rows;
        self.book.worksheet_from_index(0)?.autofilter(0, 0, rows, last_column)?;
        let mut file = NamedTempFile::new()?;
        self.book.save_to_writer(&mut file)?;
        Ok(file)
    }
}

struct Formats {
    date: Format,
    text: Format,
    pending: Format,
    active: Format,
    expired: Format,
}

impl Formats {
    fn new() -> Self {
        let colour = |rgb| Format::new().set_background_color(Color::RGB(rgb));
        Self {
            date: Format::new().set_num_format("dd/mm/yyyy"),
            // "@": text stays text when somebody edits the cell.
            text: Format::new().set_num_format("@"),
            pending: colour(0xFF_F2_CC),
            active: colour(0xD9_EA_D3),
            expired: colour(0xE0_E0_E0),
        }
    }

    fn write(&self, sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell<'_>) -> Result<(), XlsxError> {
        match cell {
            Cell::Empty => {}
            // `write_string` makes no formula, number or link of what looks like one.
            Cell::Text(text) => {
                sheet.write_string_with_format(row, column, text.as_ref(), &self.text)?;
            }
            Cell::Date(date) => {
                let (year, month, day) =
                    (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs());
                let date = ExcelDateTime::from_ymd(year, month, day)?;
                sheet.write_datetime_with_format(row, column, date, &self.date)?;
            }
            Cell::Status(status) => {
                let format = match status {
                    Status::Pending => &self.pending,
                    Status::Active => &self.active,
                    Status::Expired => &self.expired,
                };
                sheet.write_string_with_format(row, column, status.french(), format)?;
            }
        }
        Ok(())
    }
}
