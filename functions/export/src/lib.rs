//! The Excel file: `GET /registrations.xlsx`.
//!
//! Contract: staff, own libraries; all of the library's patrons, the whole county's for the county, under the list's
//! filters. A real workbook: dates are dates, phone, postal code and card number are text, nothing is ever a formula; beyond
//! the size an answer may have, 303 to a short-lived link. Each export is traced with its author.

pub mod workbook;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::SystemTime,
};

use desk::{Caller, Failure, ListQuery, Service};
use domain::{Library, LibraryId, Registration, RegistrationId, history::Export as Trace};
use downloads::{Downloads, File};
use edge::{Answer, Call, Endpoint, Problem};
use lambda_http::http::header;
use runtime::{Misconfigured, Runtime};
use tempfile::NamedTempFile;
use workbook::Workbook;

/// Rows read at a time.
const ROWS: usize = 500;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The function.
#[derive(Debug)]
pub struct Export {
    service: Service,
    downloads: Downloads,
    /// Bytes of the largest workbook that is an answer itself.
    largest_answer: u64,
}

/// What a file holds.
struct Held {
    rows: usize,
    /// Which registrations, where they were searched for: otherwise scope and status tell.
    only: Option<BTreeSet<RegistrationId>>,
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

    async fn answer(&self, call: Call) -> Result<Answer, Failure> {
        let caller = self.service.staff(&call).await?;
        let query = ListQuery::read(&self.service, &caller, &call).await?;
        let own = query.libraries.as_deref().unwrap_or_default();
        let mut libraries = self.service.store.catalog(own, &[]).await?.libraries;
        let (file, held) = self.workbook(&query, &mut libraries).await?;
        let answer = self.handed_over(&call, file, &file_name(&query, &libraries)).await?;
        self.trace(&caller, &call, &query, held).await?;
        Ok(answer)
    }
}

impl Export {
    /// The file, and what it holds; libraries that are not known yet are read on the way.
    async fn workbook(
        &self,
        query: &ListQuery,
        libraries: &mut BTreeMap<LibraryId, Library>,
    ) -> Result<(NamedTempFile, Held), Failure> {
        let resources = self.service.store.resources().await?;
        let resources = resources.into_iter().map(|resource| (resource.id, resource.name)).collect();
        let mut workbook = Workbook::new(query.today(), resources).map_err(Problem::internal)?;
        let searched = query.given.iter().any(|(name, _)| *name == "q");
        let mut held = Held { rows: 0, only: searched.then(BTreeSet::new) };
        let mut after = None;
        loop {
            let (rows, next) = self.rows(query, after.as_deref()).await?;
            self.learn(libraries, &rows).await?;
            for row in &rows {
                workbook.add(row, libraries.get(&row.library_id)).map_err(Problem::internal)?;
                if let Some(only) = &mut held.only {
                    only.insert(row.id.clone());
                }
            }
            held.rows += rows.len();
            after = next;
            if after.is_none() {
                return Ok((workbook.finish().map_err(Problem::internal)?, held));
            }
        }
    }

    /// The file itself, or the way to it where it is too large for an answer.
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

    /// Reads the libraries of these rows that are not known yet.
    async fn learn(&self, known: &mut BTreeMap<LibraryId, Library>, rows: &[Registration]) -> Result<(), Failure> {
        let new: BTreeSet<&LibraryId> =
            rows.iter().map(|row| &row.library_id).filter(|id| !known.contains_key(id)).collect();
        let new: Vec<LibraryId> = new.into_iter().cloned().collect();
        known.extend(self.service.store.catalog(&new, &[]).await?.libraries);
        Ok(())
    }

    async fn trace(&self, caller: &Caller, call: &Call, query: &ListQuery, held: Held) -> Result<(), Failure> {
        tracing::info!(by = caller.handle(), libraries = ?query.libraries, rows = held.rows, "exported");
        let trace =
            Trace { at: call.now(), by: caller.account.email.clone(), status: query.filter.status, only: held.only };
        let scopes = query.libraries.as_ref().map_or_else(|| vec![None], |own| own.iter().map(Some).collect());
        for library in scopes {
            self.service.store.trace_export(library, &trace, &self.service.ids.id()).await?;
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

/// `usagers-fleury-2026-11-24.xlsx`, and the same with the town as it is written (RFC 6266).
fn file_name(query: &ListQuery, libraries: &BTreeMap<LibraryId, Library>) -> String {
    let town = match query.libraries.as_deref() {
        None => "oise",
        Some([one]) => libraries.get(one).map_or(one.as_str(), |library| library.town.as_str()),
        Some(_) => "bibliothèques",
    };
    let named = |town: &str| format!("usagers-{town}-{}.xlsx", query.today());
    let encoded = percent_encoding::utf8_percent_encode(&named(town), percent_encoding::NON_ALPHANUMERIC).to_string();
    // An attr-char of RFC 8187 needs no encoding.
    let encoded = encoded.replace("%2D", "-").replace("%2E", ".");
    format!("attachment; filename=\"{}\"; filename*=UTF-8''{encoded}", named(&domain::collation::fold(town)))
}
