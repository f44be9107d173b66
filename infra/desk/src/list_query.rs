//! The query of the list, which the Excel export shares.

use domain::{LibraryId, Registration, Status, collation, search::Query};
use edge::{Call, Problem};
use jiff::civil::Date;
use serde_json::json;
use store::{Filter, Order, Scope};

use crate::{Caller, Failure, Service};

/// The greatest length of a search text, in characters.
const MAX_Q: usize = 100;

/// The parsed query of a list or an export.
#[derive(Debug)]
pub struct ListQuery {
    /// The libraries; `None` is the whole county.
    pub libraries: Option<Vec<LibraryId>>,
    /// The order.
    pub order: Order,
    /// The filter.
    pub filter: Filter,
    /// The parameters as given, for links and to bind cursors.
    pub given: Vec<(&'static str, String)>,
    /// A whole e-mail address or card number, which is looked up in the whole county instead of listed.
    pub exact: Option<String>,
}

impl ListQuery {
    /// Parses `status`, `libraryId`, `q`, `sort` and `overdue`. Reads the library, if one is given (1 RRU).
    ///
    /// # Errors
    /// 400 for a malformed parameter; 404 for an unknown library or one that the caller may not see; 500 or 503 if the
    /// table fails.
    pub async fn read(service: &Service, caller: &Caller, call: &Call) -> Result<Self, Failure> {
        let mut given = Vec::new();
        let mut take = |name: &'static str| {
            let value = call.query(name).map(str::to_owned);
            given.extend(value.clone().map(|value| (name, value)));
            value
        };
        let status = take("status")
            .map(|status| status.parse::<Status>().map_err(|fault| Problem::parameter("status", fault.detail)))
            .transpose()?;
        let library = take("libraryId");
        let q = take("q");
        let order = match take("sort").as_deref() {
            None | Some("name") => Order::Name,
            Some("-registeredOn") => Order::Newest,
            Some(_) => return Err(Problem::parameter("sort", "choisissez name ou -registeredOn.").into()),
        };
        let overdue = match take("overdue").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Problem::parameter("overdue", "choisissez true ou false.").into()),
        };
        if let Some(q) = &q {
            check_search(q)?;
        }
        let libraries = scope(service, caller, library).await?;
        let filter = Filter { today: call.today(), status, overdue, query: None, last_name: None };
        Ok(Self { libraries, order, filter, given, exact: None }.searching(q.as_deref()))
    }

    /// Applies `q` (rules, section 5): within libraries its words begin any word; in the whole county it is the start
    /// of the last name, or a whole e-mail address or card number.
    fn searching(mut self, q: Option<&str>) -> Self {
        let Some(q) = q else { return self };
        if self.libraries.is_some() {
            self.filter.query = Query::parse(q);
        } else if q.contains('@') || q.contains(|c: char| c.is_ascii_digit()) {
            self.exact = Some(q.trim().to_owned());
        } else {
            self.filter.last_name = Some(collation::fold(q));
        }
        self
    }

    /// Returns the scope for the store.
    pub fn scope(&self) -> Scope<'_> {
        self.libraries.as_deref().map_or(Scope::County, Scope::Libraries)
    }

    /// Returns the text that binds a cursor to its caller, scope and filters: their JSON, which is equal for equal
    /// queries.
    pub fn binding(&self, caller: &Caller) -> String {
        json!([caller.account.email, self.libraries, self.given]).to_string()
    }

    /// Returns the matches of an exact search that the filter keeps, in the list's order. An e-mail address costs 1
    /// RRU, a card number ½ RRU, both and 1 RRU a match; the index of card numbers may lag behind the table.
    ///
    /// # Errors
    /// [`Failure::Store`] if the table fails.
    pub async fn exact_matches(&self, service: &Service, exact: &str) -> Result<Vec<Registration>, Failure> {
        let mut found = if exact.contains('@') {
            by_email(service, exact).await?
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

    /// Returns the day for which the filter computes statuses.
    pub fn today(&self) -> Date {
        self.filter.today
    }
}

/// Refuses a search that is too long, or that would find everybody because it has neither a letter nor a digit.
fn check_search(q: &str) -> Result<(), Problem> {
    if q.chars().count() > MAX_Q {
        return Err(Problem::parameter("q", "cherchez 100 caractères au plus."));
    }
    if collation::fold(q).is_empty() {
        return Err(Problem::parameter("q", "cherchez au moins une lettre ou un chiffre."));
    }
    Ok(())
}

async fn scope(service: &Service, caller: &Caller, library: Option<String>) -> Result<Option<Vec<LibraryId>>, Failure> {
    let Some(library) = library else {
        return Ok((!caller.account.is_county()).then(|| caller.account.library_ids().to_vec()));
    };
    let id: LibraryId = library.parse().map_err(|_| Problem::not_found())?;
    if !caller.account.reaches(&id) {
        return Err(Problem::not_found().into());
    }
    let known = service.store.catalog(std::slice::from_ref(&id), &[]).await?;
    if known.libraries.contains_key(&id) { Ok(Some(vec![id])) } else { Err(Problem::not_found().into()) }
}

async fn by_email(service: &Service, typed: &str) -> Result<Vec<Registration>, Failure> {
    let Ok(email) = typed.parse() else { return Ok(Vec::new()) };
    let Some(stored) = service.store.account(&email).await? else { return Ok(Vec::new()) };
    let mut found = service.store.household(&stored.account).await?;
    // One of them may have moved since the account was read.
    found.retain(|found| found.person.email == email);
    Ok(found)
}
