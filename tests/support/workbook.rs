//! Opens downloaded workbooks with a reader.

use std::io::{Cursor, Read};

use calamine::{Data, Range, Reader, Xlsx};
use zip::ZipArchive;

use super::Reply;

pub(crate) fn open(reply: &Reply) -> Range<Data> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(reply.body.clone())).expect("a workbook");
    assert_eq!(workbook.sheet_names(), ["Usagers"]);
    let formulas = workbook.worksheet_formula("Usagers").expect("a sheet");
    assert!(formulas.cells().next().is_none(), "nothing is ever a formula");
    workbook.worksheet_range("Usagers").expect("a sheet")
}

/// Returns a part of the workbook as XML, for what readers do not show.
pub(crate) fn part(reply: &Reply, name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(&reply.body)).expect("a workbook");
    let mut xml = String::new();
    archive.by_name(name).expect(name).read_to_string(&mut xml).expect("UTF-8");
    xml
}

/// Returns the text of a cell; a date as `YYYY-MM-DD`.
pub(crate) fn cell(range: &Range<Data>, row: usize, heading: &str) -> String {
    let column = range.rows().next().unwrap().iter().position(|name| name == heading).expect(heading);
    match range.get((row, column)) {
        Some(Data::DateTime(date)) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year}-{month:02}-{day:02}")
        }
        Some(Data::String(text)) => text.clone(),
        None | Some(Data::Empty) => String::new(),
        other => panic!("{heading} is neither text nor date: {other:?}"),
    }
}

/// Fetches a link without a session. Returns status and answer.
pub(crate) async fn followed(link: &str) -> (u16, Reply) {
    let answer = reqwest::get(link).await.expect("an answer");
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    (status, Reply { status, headers, body: answer.bytes().await.unwrap().to_vec() })
}
