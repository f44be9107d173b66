//! Nothing is lost (requirements RE1 to RE13). `docs/reliability.md` lists the promises, and the figures of each proof.

mod audit;
mod concurrency;
mod county;
mod crash;
mod faults;
mod fuse;
mod kill;
mod late_index;
mod model;
mod outbox;
mod promises;
mod races;
mod reading;
mod requests;
mod shape;
mod store;
mod stream;
mod time;
mod unreadable;
mod volume;
