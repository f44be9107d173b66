//! The workbook: one sheet, in French, header frozen and filterable, written row by row in constant memory.

use std::collections::BTreeMap;

use domain::{Library, Registration, ResourceId, Status};
use jiff::civil::Date;
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, Worksheet, XlsxError};

/// The columns: heading and width in characters.
const COLUMNS: [(&str, f64); 16] = [
    ("Statut", 11.0),
    ("Nom", 22.0),
    ("Prénom", 18.0),
    ("Inscription", 12.0),
    ("Fin d’accès", 12.0),
    ("Ressources", 40.0),
    ("Date de naissance", 17.0),
    ("E-mail", 32.0),
    ("Téléphone", 16.0),
    ("Adresse", 32.0),
    ("Code postal", 12.0),
    ("Commune", 22.0),
    ("N° de carte", 14.0),
    ("Validé le", 12.0),
    ("Renouvelé le", 13.0),
    ("Bibliothèque", 44.0),
];

/// A workbook under construction.
pub(crate) struct Workbook {
    book: rust_xlsxwriter::Workbook,
    rows: u32,
    today: Date,
    resources: BTreeMap<ResourceId, String>,
    formats: Formats,
}

struct Formats {
    date: Format,
    text: Format,
    statuses: [Format; 3],
}

impl Workbook {
    pub(crate) fn new(today: Date, resources: BTreeMap<ResourceId, String>) -> Result<Self, XlsxError> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name("Usagers")?;
        sheet.set_freeze_panes(1, 0)?;
        let heading =
            Format::new().set_bold().set_background_color(Color::RGB(0xE8_EC_F1)).set_align(FormatAlign::Left);
        for (column, (name, width)) in (0..).zip(COLUMNS) {
            sheet.set_column_width(column, width)?;
            sheet.write_string_with_format(0, column, name, &heading)?;
        }
        Ok(Self { book, rows: 0, today, resources, formats: Formats::new() })
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, r: &Registration, library: Option<&Library>) -> Result<(), XlsxError> {
        self.rows += 1;
        let (row, formats) = (self.rows, &self.formats);
        let names = r.resources.iter().map(|id| self.resources.get(id).map_or(id.as_str(), String::as_str));
        let resources = names.collect::<Vec<_>>().join(", ");
        let sheet = self.book.worksheet_from_index(0)?;
        let person = &r.person;
        let status = r.status(self.today);
        sheet.write_string_with_format(row, 0, status.french(), formats.status(status))?;
        text(sheet, row, 1, Some(person.last_name.as_str()), formats)?;
        text(sheet, row, 2, Some(person.first_name.as_str()), formats)?;
        date(sheet, row, 3, Some(r.registered_on), formats)?;
        date(sheet, row, 4, Some(r.expires_on), formats)?;
        text(sheet, row, 5, Some(&resources), formats)?;
        date(sheet, row, 6, Some(person.birth_date.date()), formats)?;
        text(sheet, row, 7, Some(person.email.as_str()), formats)?;
        text(sheet, row, 8, person.phone.as_ref().map(|value| value.as_str()), formats)?;
        text(sheet, row, 9, person.address.as_ref().map(|value| value.as_str()), formats)?;
        text(sheet, row, 10, person.postal_code.as_ref().map(|value| value.as_str()), formats)?;
        text(sheet, row, 11, person.town.as_ref().map(|value| value.as_str()), formats)?;
        text(sheet, row, 12, person.card_number.as_ref().map(|value| value.as_str()), formats)?;
        date(sheet, row, 13, r.activated_on, formats)?;
        date(sheet, row, 14, r.renewed_on, formats)?;
        text(sheet, row, 15, Some(&library.map_or_else(|| r.library_id.to_string(), Library::label)), formats)
    }

    /// The file.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, XlsxError> {
        let last_column = u16::try_from(COLUMNS.len() - 1).unwrap_or(u16::MAX);
        let rows = self.rows;
        self.book.worksheet_from_index(0)?.autofilter(0, 0, rows, last_column)?;
        self.book.save_to_buffer()
    }
}

impl Formats {
    fn new() -> Self {
        let colour = |rgb| Format::new().set_background_color(Color::RGB(rgb));
        Self {
            date: Format::new().set_num_format("dd/mm/yyyy"),
            // "@": text stays text when somebody edits the cell.
            text: Format::new().set_num_format("@"),
            statuses: [colour(0xFF_F2_CC), colour(0xD9_EA_D3), colour(0xE0_E0_E0)],
        }
    }

    fn status(&self, status: Status) -> &Format {
        let [pending, active, expired] = &self.statuses;
        match status {
            Status::Pending => pending,
            Status::Active => active,
            Status::Expired => expired,
        }
    }
}

/// A text cell: `write_string` never makes a formula, a number or a link of it.
fn text(sheet: &mut Worksheet, row: u32, column: u16, value: Option<&str>, formats: &Formats) -> Result<(), XlsxError> {
    if let Some(value) = value {
        sheet.write_string_with_format(row, column, value, &formats.text)?;
    }
    Ok(())
}

fn date(sheet: &mut Worksheet, row: u32, column: u16, value: Option<Date>, formats: &Formats) -> Result<(), XlsxError> {
    if let Some(value) = value {
        let (year, month, day) =
            (value.year().unsigned_abs(), value.month().unsigned_abs(), value.day().unsigned_abs());
        sheet.write_datetime_with_format(row, column, ExcelDateTime::from_ymd(year, month, day)?, &formats.date)?;
    }
    Ok(())
}
