//! Measurements: capacity units, growth with the number of registrations, and response times.

pub(crate) mod growth;
mod limits;
mod units;
