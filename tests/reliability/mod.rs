//! Nothing is lost (requirements RE1 to RE11): see `docs/reliability.md` for what is promised, and for each proof's figures.

mod audit;
mod concurrency;
mod county;
mod crash;
mod faults;
mod fuse;
mod kill;
mod model;
mod promises;
mod requests;
mod shape;
mod store;
mod stream;
mod time;
mod volume;
