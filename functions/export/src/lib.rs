//! `GET /registrations.xlsx`: exports registrations as an Excel file.
//!
//! Contract: staff, own libraries. All patrons of the library, or of the county for its staff, under the list's
//! filters. Dates are date cells; phone, postal code and card number are text; no cell is a formula. A file that is too
//! large for an answer is offered by 303, under a short-lived link. Each export is traced with its author (requirements
//! GD1).

pub mod workbook;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::SystemTime,
};

use desk::{Caller, Failure, ListQuery, Service};
use domain::{
    Library, LibraryId, Registration, RegistrationId,
    history::{Export as Trace, TRACED_ROWS},
};
use downloads::{Downloads, File};
use edge::{Answer, Call, Endpoint, Problem};
use lambda_http::http::header;
use runtime::{Misconfigured, Runtime};
use store::keys::ExportOf;
use tempfile::NamedTempFile;
use workbook::Workbook;

/// Rows of a page read from the store.
const ROWS: usize = 500;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The endpoint `GET /registrations.xlsx`.
#[derive(Debug)]
pub struct Export {
    service: Service,
    downloads: Downloads,
    /// Size of the largest workbook that is sent as the answer itself, in bytes.
    largest_answer: u64,
}

/// The contents of a file, for its trace.
struct Held {
    rows: usize,
    /// Whether a search or another filter narrowed the file. Otherwise scope and status determine its contents.
    narrowed: bool,
    /// The ids of a narrowed file's registrations, as far as they are traced one by one.
    ids: Vec<RegistrationId>,
}

impl Held {
    fn note(&mut self, rows: &[Registration]) {
        self.rows += rows.len();
        if self.narrowed && self.rows <= TRACED_ROWS {
            self.ids.extend(rows.iter().map(|row| row.id.clone()));
        }
    }

    /// Returns the registrations that are traced one by one, if they are.
    fn traced(&self) -> Option<&[RegistrationId]> {
        (self.narrowed && self.rows <= TRACED_ROWS).then_some(&self.ids[..])
    }
}

impl Endpoint for Export {
    type Failure = Failure;

    fn from_runtime(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self {
            service: Service::from_runtime(runtime)?,
            downloads: Downloads::new(runtime)?,
            largest_answer: runtime.env.parsed("LARGEST_ANSWER")?,
        })
    }

    async fn answer(&self, call: &Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(call).await?;
        let query = ListQuery::read(&self.service, &caller, call).await?;
        if query.libraries.is_none() {
            caller.check_confirmed(call)?;
        }
        let own = query.libraries.as_deref().unwrap_or_default();
        let mut libraries = self.service.store.catalog(own, &[]).await?.libraries;
        let (file, held) = self.workbook(&query, &mut libraries).await?;
        let answer = self.handed_over(call, file, &file_name(&query, &libraries)).await?;
        self.trace(&caller, call, &query, held).await?;
        Ok(answer)
    }
}

impl Export {
    /// Writes the file, page by page. Adds to `libraries` those that it meets.
    async fn workbook(
        &self,
        query: &ListQuery,
        libraries: &mut BTreeMap<LibraryId, Library>,
    ) -> Result<(NamedTempFile, Held), Failure> {
        let resources = self.service.store.resources().await?;
        let resources = resources.into_iter().map(|entry| (entry.content.id, entry.content.name)).collect();
        let mut workbook = Workbook::new(query.today(), resources).map_err(Problem::internal)?;
        let narrowed = query.given.iter().any(|(name, given)| *name == "q" || *name == "overdue" && given != "false");
        let mut held = Held { rows: 0, narrowed, ids: Vec::new() };
        let mut after = None;
        loop {
            let (rows, next) = self.rows(query, after.as_deref()).await?;
            self.learn(libraries, &rows).await?;
            for row in &rows {
                workbook.add(row, libraries.get(&row.library_id)).map_err(Problem::internal)?;
            }
            held.note(&rows);
            after = next;
            if after.is_none() {
                return Ok((workbook.finish().map_err(Problem::internal)?, held));
            }
        }
    }

    /// Answers the file itself, or a link to it if it is too large for an answer.
    async fn handed_over(&self, call: &Call, file: NamedTempFile, disposition: &str) -> Result<Answer, Problem> {
        let size = file.as_file().metadata().map_err(Problem::internal)?.len();
        if size > self.largest_answer {
            let file = File { path: file.path(), media_type: XLSX, disposition };
            let now = SystemTime::try_from(call.now()).map_err(Problem::internal)?;
            return Ok(Answer::see_other(self.downloads.offer(file, now).await.map_err(not_offered)?));
        }
        let bytes = fs::read(file.path()).map_err(Problem::internal)?;
        Ok(Answer::bytes(XLSX, bytes).header(header::CONTENT_DISPOSITION, disposition))
    }

    async fn rows(
        &self,
        query: &ListQuery,
        after: Option<&str>,
    ) -> Result<(Vec<Registration>, Option<String>), Failure> {
        if let Some(exact) = &query.exact {
            return Ok((query.exact_matches(&self.service, exact).await?, None));
        }
        let page = self.service.store.list(query.scope(), query.order, &query.filter, after, ROWS).await?;
        Ok((page.items, page.next))
    }

    /// Reads the libraries of these rows that are not in `known`.
    async fn learn(&self, known: &mut BTreeMap<LibraryId, Library>, rows: &[Registration]) -> Result<(), Failure> {
        let new: BTreeSet<&LibraryId> =
            rows.iter().map(|row| &row.library_id).filter(|id| !known.contains_key(id)).collect();
        let new: Vec<LibraryId> = new.into_iter().cloned().collect();
        known.extend(self.service.store.catalog(&new, &[]).await?.libraries);
        Ok(())
    }

    async fn trace(&self, caller: &Caller, call: &Call, query: &ListQuery, held: Held) -> Result<(), Failure> {
        tracing::info!(by = caller.pseudonym(), libraries = ?query.libraries, rows = held.rows, "exported");
        let by = caller.account.email.clone();
        // A trace of one registration is certain, whatever narrowed the file.
        let narrowed = held.narrowed && held.traced().is_none();
        let trace = Trace { at: call.now(), by, status: query.filter.status, narrowed };
        let of: Vec<ExportOf<'_>> = match (held.traced(), &query.libraries) {
            (Some(ids), _) => ids.iter().map(ExportOf::Registration).collect(),
            (None, Some(own)) => own.iter().map(ExportOf::Library).collect(),
            (None, None) => vec![ExportOf::County],
        };
        for of in of.chunks(TRACED_ROWS) {
            self.service.store.trace_export(of, &trace, &self.service.ids.id()).await?;
        }
        Ok(())
    }
}

fn not_offered(error: downloads::Error) -> Problem {
    match error {
        downloads::Error::Unavailable(_) => Problem::unavailable(error),
        downloads::Error::Refused(_) | downloads::Error::Unreadable(_) | downloads::Error::Unsigned(_) => {
            Problem::internal(error)
        }
    }
}

/// Returns the `Content-Disposition`: `usagers-fleury-2026-11-24.xlsx`, and the name with the town's own spelling (RFC
/// 6266).
fn file_name(query: &ListQuery, libraries: &BTreeMap<LibraryId, Library>) -> String {
    let town = match query.libraries.as_deref() {
        None => "oise",
        Some([one]) => libraries.get(one).map_or(one.as_str(), |library| library.town.as_str()),
        Some(_) => "bibliothèques",
    };
    let named = |town: &str| format!("usagers-{town}-{}.xlsx", query.today());
    let encoded = percent_encoding::utf8_percent_encode(&named(town), percent_encoding::NON_ALPHANUMERIC).to_string();
    // RFC 8187 allows these characters unencoded.
    let encoded = encoded.replace("%2D", "-").replace("%2E", ".");
    format!("attachment; filename=\"{}\"; filename*=UTF-8''{encoded}", named(&domain::collation::fold(town)))
}
