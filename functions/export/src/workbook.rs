//! The workbook: one sheet in French with a frozen, filterable header, written row by row in constant memory.

use std::collections::BTreeMap;

use domain::{
    Library, Person, Registration, ResourceId, Status, calendar,
    person::{Address, CardNumber, Phone, PostalCode, Town},
};
use jiff::civil::{Date, date};
use rust_xlsxwriter::{Color, ExcelDateTime, Format, FormatAlign, IgnoreError, Worksheet, XlsxError};
use tempfile::NamedTempFile;

/// Compression level, 1 to 9. The file is a tenth larger than at the usual 6, and ready in a third of the time.
const LEVEL: u8 = 3;

/// The first day that all readers show alike. Excel counts a 29 February 1900, which never was; `LibreOffice` does not, and
/// shows earlier days one day off. They are written as text.
const FIRST_DATE: Date = date(1900, 3, 1);

/// The paper of the printed list: A4.
const A4: u8 = 9;
/// The margins of a printed page, in inches: narrow, since the list is wide.
const MARGIN: f64 = 0.4;

/// A column: heading, width in characters, and the value of a row.
struct Column(&'static str, f64, Show);

/// The type and value of a column's cells. None is a number or a formula.
enum Show {
    Status(fn(&Row<'_>) -> Status),
    Date(fn(&Row<'_>) -> Option<Date>),
    Text(for<'a> fn(&'a Row<'_>) -> Option<&'a str>),
}

const COLUMNS: [Column; 16] = [
    Column("Statut", 11.0, Show::Status(|row| row.registration.status(row.today))),
    Column("Nom", 22.0, Show::Text(|row| Some(row.person().last_name.as_str()))),
    Column("Prénom", 18.0, Show::Text(|row| Some(row.person().first_name.as_str()))),
    Column("Inscription", 12.0, Show::Date(|row| Some(row.registration.registered_on))),
    Column("Fin d’accès", 12.0, Show::Date(|row| Some(calendar::last_day(row.registration.expires_on)))),
    Column("Ressources", 40.0, Show::Text(|row| Some(&row.resources))),
    Column("Date de naissance", 17.0, Show::Date(|row| Some(row.person().birth_date.date()))),
    Column("E-mail", 32.0, Show::Text(|row| Some(row.person().email.as_str()))),
    Column("Téléphone", 16.0, Show::Text(|row| row.person().phone.as_ref().map(Phone::as_str))),
    Column("Adresse", 32.0, Show::Text(|row| row.person().address.as_ref().map(Address::as_str))),
    Column("Code postal", 12.0, Show::Text(|row| row.person().postal_code.as_ref().map(PostalCode::as_str))),
    Column("Commune", 22.0, Show::Text(|row| row.person().town.as_ref().map(Town::as_str))),
    Column("N° de carte", 14.0, Show::Text(|row| row.person().card_number.as_ref().map(CardNumber::as_str))),
    Column("Validé le", 12.0, Show::Date(|row| row.registration.activated_on)),
    Column("Renouvelé le", 13.0, Show::Date(|row| row.registration.renewed_on)),
    Column("Bibliothèque", 44.0, Show::Text(|row| Some(&row.library))),
];

/// A registration and the names around it.
struct Row<'a> {
    registration: &'a Registration,
    library: String,
    resources: String,
    today: Date,
}

impl Row<'_> {
    fn person(&self) -> &Person {
        &self.registration.person
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
    /// Begins a workbook with its header. Statuses are those of `today`; `names` are the resources'.
    ///
    /// # Errors
    /// Those of `rust_xlsxwriter`: a cell or a temporary file can't be written.
    pub fn new(today: Date, names: BTreeMap<ResourceId, String>) -> Result<Self, XlsxError> {
        let mut book = rust_xlsxwriter::Workbook::new();
        book.set_zip_compression_level(LEVEL);
        let sheet = book.add_worksheet_with_constant_memory()?;
        sheet.set_name("Usagers")?;
        sheet.set_freeze_panes(1, 0)?;
        set_page(sheet)?;
        let formats = Formats::new();
        for (at, Column(name, width, show)) in (0..).zip(&COLUMNS) {
            sheet.set_column_width(at, *width)?;
            sheet.write_string_with_format(0, at, *name, &formats.heading)?;
            if let Some(format) = formats.of_column(show) {
                sheet.set_column_format(at, format)?;
            }
        }
        Ok(Self { book, rows: 0, today, names, formats })
    }

    /// Adds a row. Rows can't be changed later.
    ///
    /// # Errors
    /// Those of [`Workbook::new`].
    pub fn add(&mut self, registration: &Registration, library: Option<&Library>) -> Result<(), XlsxError> {
        self.rows += 1;
        let row = Row {
            registration,
            library: library.map_or_else(|| registration.library_id.to_string(), Library::label),
            resources: self.resources(registration),
            today: self.today,
        };
        let sheet = self.book.worksheet_from_index(0)?;
        for (at, Column(_, _, show)) in (0..).zip(&COLUMNS) {
            match show {
                Show::Status(value) => {
                    let status = value(&row);
                    sheet.write_string_with_format(self.rows, at, status.french(), self.formats.of_status(status))?;
                }
                Show::Date(value) => {
                    match value(&row) {
                        Some(date) if date < FIRST_DATE => sheet.write_string(self.rows, at, calendar::french(date))?,
                        Some(date) => sheet.write_datetime(self.rows, at, excel(date)?)?,
                        None => sheet,
                    };
                }
                // `write_string` keeps text that looks like a formula, a number or a link as text.
                Show::Text(value) => {
                    if let Some(text) = value(&row) {
                        sheet.write_string(self.rows, at, text)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn resources(&self, registration: &Registration) -> String {
        let name = |id| self.names.get(id).map_or(ResourceId::as_str(id), String::as_str);
        registration.resources.iter().map(name).collect::<Vec<_>>().join(", ")
    }

    /// Writes the workbook to a temporary file, which is deleted when the value is dropped. Memory use does not grow
    /// with the rows.
    ///
    /// # Errors
    /// Those of [`Workbook::new`].
    pub fn finish(mut self) -> Result<NamedTempFile, XlsxError> {
        let last_column = u16::try_from(COLUMNS.len() - 1).unwrap_or(u16::MAX);
        let rows = self.rows;
        let sheet = self.book.worksheet_from_index(0)?;
        sheet.autofilter(0, 0, rows, last_column)?;
        // Telephones, postal codes and card numbers are text without Excel's green corners.
        sheet.ignore_error_range(0, 0, rows, last_column, IgnoreError::NumberStoredAsText)?;
        let mut file = NamedTempFile::new()?;
        self.book.save_to_writer(&mut file)?;
        Ok(file)
    }
}

/// Prints the list in landscape, one page wide, its header on each page, its pages numbered.
fn set_page(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_repeat_rows(0, 0)?;
    sheet
        .set_paper_size(A4)
        .set_landscape()
        .set_print_fit_to_pages(1, 0)
        .set_margins(MARGIN, MARGIN, MARGIN, 2.0 * MARGIN, MARGIN, MARGIN)
        .set_footer("&L&A&RPage &P sur &N");
    Ok(())
}

/// Formats are set for columns, not cells: for each cell with a format, `rust_xlsxwriter` has to look it up.
struct Formats {
    heading: Format,
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
            heading: colour(0xE8_EC_F1).set_bold().set_align(FormatAlign::Left),
            date: Format::new().set_num_format("dd/mm/yyyy"),
            // "@": text stays text when the cell is edited.
            text: Format::new().set_num_format("@"),
            pending: colour(0xFF_F2_CC),
            active: colour(0xD9_EA_D3),
            expired: colour(0xE0_E0_E0),
        }
    }

    fn of_column(&self, show: &Show) -> Option<&Format> {
        match show {
            Show::Status(_) => None,
            Show::Date(_) => Some(&self.date),
            Show::Text(_) => Some(&self.text),
        }
    }

    fn of_status(&self, status: Status) -> &Format {
        match status {
            Status::Pending => &self.pending,
            Status::Active => &self.active,
            Status::Expired => &self.expired,
        }
    }
}

fn excel(date: Date) -> Result<ExcelDateTime, XlsxError> {
    ExcelDateTime::from_ymd(date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs())
}
