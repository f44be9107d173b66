//! The procedure (sections 1 to 7 of the rules): a module for each route, page or job, and `journey` for the whole.

mod accounts;
mod activate;
mod bounce;
mod closing;
mod county_account;
mod deliver;
mod directory;
mod directory_history;
mod doors;
mod erase;
mod escalate;
mod export;
mod household;
mod journey;
mod list;
mod local_desk;
mod mails;
mod pages;
mod purge;
mod register;
mod renew;
mod second_factor;
mod sessions;
mod strangers;
mod update;
