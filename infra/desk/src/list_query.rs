//! The list's query, which the Excel file shares.

use domain::{LibraryId, Registration, Status, collation, search::Query};
use edge::{Call, Problem};
use jiff::civil::Date;
use serde_json::json;
use store::{Filter, Order, Scope};

use crate::{Caller, Failure, Service};

/// Longest text that is searched for, in characters.
const MAX_Q: usize = 100;

/// What a caller asks to see.
#[derive(Debug)]
pub struct ListQuery {
    /// Of these libraries; `None` is the whole county.
    pub libraries: Option<Vec<LibraryId>>,
    /// In this order.
    pub order: Order,
    /// Filtered so.
    pub filter: Filter,
    /// The parameters as they were given, for links and to bind cursors.
    pub given: Vec<(&'static str, String)>,
    /// A whole e-mail or card number, looked up across the county in place of a list.
    pub exact: Option<String>,
}

impl ListQuery {
    /// Reads `status`, `libraryId`, `q`, `sort` and `overdue`. 400 for a malformed one; 404 for a library that is not
    /// the caller's, or is none.
    pub async fn read(service: &Service, caller: &Caller, call: &Call) -> Result<Self, Failure> {
        let mut given = Vec::new();
        let mut take = |name: &'static str| -> Result<Option<String>, Problem> {
            let value = call.query(name)?.filter(|value| !value.is_empty()).map(str::to_owned);
            given.extend(value.clone().map(|value| (name, value)));
            Ok(value)
        };
        let status = take("status")?
            .map(|status| status.parse::<Status>().map_err(|fault| Problem::parameter("status", fault.detail)))
            .transpose()?;
        let library = take("libraryId")?;
        let q = take("q")?;
        let order = match take("sort")?.as_deref() {
            None | Some("name") => Order::Name,
            Some("-registeredOn") => Order::Newest,
            Some(_) => return Err(Problem::parameter("sort", "choisissez name ou -registeredOn.").into()),
        };
        let overdue = match take("overdue")?.as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Problem::parameter("overdue", "choisissez true ou false.").into()),
        };
        if q.as_deref().is_some_and(|q| q.chars().count() > MAX_Q) {
            return Err(Problem::parameter("q", "cherchez 100 caractères au plus.").into());
        }
        let libraries = scope(service, caller, library).await?;
        let filter = Filter { today: call.today(), status, overdue, query: None, last_name: None };
        Ok(Self { libraries, order, filter, given, exact: None }.searching(q.as_deref()))
    }

    /// Contract: within libraries `q` begins any word; in the whole county it is the start of the last name, or a whole
    /// e-mail address or card number.
    fn searching(mut self, q: Option<&str>) -> Self {
        let Some(q) = q else { return self };
        if self.libraries.is_some() {
            self.filter.query = Query::parse(q);
        } else if q.contains('@') || q.contains(|c: char| c.is_ascii_digit()) {
            self.exact = Some(q.trim().to_owned());
        } else {
            self.filter.last_name = Some(collation::fold(q)).filter(|start| !start.is_empty());
        }
        self
    }

    /// The scope for the table.
    pub fn scope(&self) -> Scope<'_> {
        self.libraries.as_deref().map_or(Scope::County, Scope::Libraries)
    }

    /// The text that binds a cursor to a caller's scope and filters: their JSON, which is the same wherever it is made.
    pub fn binding(&self, caller: &Caller) -> String {
        json!([caller.account.email, self.libraries, self.given]).to_string()
    }

    /// What an exact search finds, in the list's order: one address, or the few with that card number.
    pub async fn exact_matches(&self, service: &Service, exact: &str) -> Result<Vec<Registration>, Failure> {
        let mut found = if exact.contains('@') {
            by_email(service, exact).await?.into_iter().collect()
        } else {
            service.store.by_card_number(exact).await?
        };
        found.retain(|registration| self.filter.keeps(registration));
        found.sort_by_cached_key(|r| match self.order {
            Order::Name => (None, collation::name_key(r.person.last_name.as_str(), r.person.first_name.as_str())),
            Order::Newest => (Some(std::cmp::Reverse(r.registered_on)), String::new()),
        });
        Ok(found)
    }

    /// Today, as the filter understands it.
    pub fn today(&self) -> Date {
        self.filter.today
    }
}

async fn scope(service: &Service, caller: &Caller, library: Option<String>) -> Result<Option<Vec<LibraryId>>, Failure> {
    let Some(library) = library else {
        return Ok((!caller.account.is_county()).then(|| caller.account.library_ids.clone()));
    };
    let id: LibraryId = library.parse().map_err(|_| Problem::not_found())?;
    if !caller.account.reaches(&id) {
        return Err(Problem::not_found().into());
    }
    let known = service.store.catalog(std::slice::from_ref(&id), &[]).await?;
    if known.libraries.contains_key(&id) { Ok(Some(vec![id])) } else { Err(Problem::not_found().into()) }
}

async fn by_email(service: &Service, typed: &str) -> Result<Option<Registration>, Failure> {
    let Ok(email) = typed.parse() else { return Ok(None) };
    let account = service.store.account(&email).await?;
    let Some(id) = account.and_then(|stored| stored.account.registration_id) else { return Ok(None) };
    Ok(service.store.registration(&id).await?.map(|found| found.registration))
}
