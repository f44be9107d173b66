//! The Excel file: `GET /registrations.xlsx`.
//!
//! Contract: staff, own libraries; all of the library's patrons, the whole county's for the county, under the list's
//! filters. A real workbook: dates are dates, phone, postal code and card number are text, nothing is ever a formula.
//! Each export is traced with its author.

mod workbook;

use std::collections::{BTreeMap, BTreeSet};

use domain::{Library, LibraryId, Registration, RegistrationId, history::Export as Trace};
use edge::{Answer, Call, Caller, Desk, Endpoint, ListQuery, Problem};
use lambda_http::http::header;
use runtime::{Misconfigured, Runtime};
use workbook::Workbook;

/// Rows read at a time.
const ROWS: usize = 500;
/// Largest workbook that an answer may hold: the gateway's 6 MB, less base64's third.
const MAX_BYTES: usize = 4_400_000;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The function.
#[derive(Debug)]
pub struct Export {
    desk: Desk,
}

impl Endpoint for Export {
    fn wire(runtime: &Runtime) -> Result<Self, Misconfigured> {
        Ok(Self { desk: Desk::wire(runtime)? })
    }

    async fn answer(&self, call: Call) -> Result<Answer, Problem> {
        let caller = self.desk.staff(&call).await?;
        let query = ListQuery::read(&self.desk, &caller, &call).await?;
        let own = query.libraries.as_deref().unwrap_or_default();
        let mut libraries = self.desk.store.catalog(own, &[]).await?.libraries;
        let (bytes, held) = self.workbook(&query, &mut libraries).await?;
        if bytes.len() > MAX_BYTES {
            let detail = "Ce fichier serait trop volumineux : exportez bibliothèque par bibliothèque, ou par statut.";
            return Err(Problem::conflict("export-too-large", detail));
        }
        self.trace(&caller, &query, held).await?;
        Ok(Answer::bytes(XLSX, bytes).header(header::CONTENT_DISPOSITION, file_name(&query, &libraries)))
    }
}

impl Export {
    /// The file, and which registrations it holds; libraries that are not known yet are read on the way.
    async fn workbook(
        &self,
        query: &ListQuery,
        libraries: &mut BTreeMap<LibraryId, Library>,
    ) -> Result<(Vec<u8>, BTreeSet<RegistrationId>), Problem> {
        let resources = self.desk.store.resources().await?;
        let resources = resources.into_iter().map(|resource| (resource.id, resource.name)).collect();
        let mut workbook = Workbook::new(query.today(), resources).map_err(Problem::internal)?;
        let mut held = BTreeSet::new();
        let mut after = None;
        loop {
            let (rows, next) = self.rows(query, after.as_deref()).await?;
            self.learn(libraries, &rows).await?;
            for row in &rows {
                workbook.add(row, libraries.get(&row.library_id)).map_err(Problem::internal)?;
                held.insert(row.id.clone());
            }
            after = next;
            if after.is_none() {
                return Ok((workbook.finish().map_err(Problem::internal)?, held));
            }
        }
    }

    async fn rows(
        &self,
        query: &ListQuery,
        after: Option<&str>,
    ) -> Result<(Vec<Registration>, Option<String>), Problem> {
        if let Some(exact) = &query.exact {
            return Ok((query.exact_matches(&self.desk, exact).await?, None));
        }
        let page = self.desk.store.list(query.scope(), query.order, &query.filter, after, ROWS).await?;
        Ok((page.items, page.next))
    }

    /// Reads the libraries of these rows that are not known yet.
    async fn learn(&self, known: &mut BTreeMap<LibraryId, Library>, rows: &[Registration]) -> Result<(), Problem> {
        let new: BTreeSet<&LibraryId> =
            rows.iter().map(|row| &row.library_id).filter(|id| !known.contains_key(id)).collect();
        let new: Vec<LibraryId> = new.into_iter().cloned().collect();
        known.extend(self.desk.store.catalog(&new, &[]).await?.libraries);
        Ok(())
    }

    async fn trace(&self, caller: &Caller, query: &ListQuery, held: BTreeSet<RegistrationId>) -> Result<(), Problem> {
        tracing::info!(by = caller.handle(), libraries = ?query.libraries, rows = held.len(), "exported");
        let searched = query.given.iter().any(|(name, _)| *name == "q");
        let trace = Trace {
            at: self.desk.clock.now(),
            by: caller.account.email.clone(),
            status: query.filter.status,
            only: searched.then_some(held),
        };
        let scopes = query.libraries.as_ref().map_or_else(|| vec![None], |own| own.iter().map(Some).collect());
        for library in scopes {
            self.desk.store.trace_export(library, &trace, &self.desk.ids.id()).await?;
        }
        Ok(())
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
