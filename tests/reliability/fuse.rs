//! A process that dies over its n-th call to AWS.

use std::sync::{Arc, Mutex};

use runtime::Aws;
use tokio::sync::Notify;

use crate::support::{Death, Meddling, meddled};

/// Burns down to one call, and there the process ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fuse {
    at: usize,
    after: bool,
    reached: Arc<Notify>,
    /// The operations that were carried out before it died.
    calls: Arc<Mutex<Vec<String>>>,
}

impl Fuse {
    fn new(at: usize, after: bool) -> Self {
        Self { at, after, ..Self::default() }
    }

    /// On a connection.
    pub(crate) fn lay(&self, aws: Aws) -> Aws {
        let fuse = self.clone();
        meddled(aws, move |request| {
            let target = request.headers().get("x-amz-target").and_then(|target| target.split('.').nth(1));
            let mut calls = fuse.calls.lock().unwrap();
            let ends = calls.len() + 1 == fuse.at;
            if !ends || fuse.after {
                calls.push(target.unwrap_or("SendEmail").to_owned());
            }
            if ends { Meddling::Die(Death::new(fuse.after, Arc::clone(&fuse.reached))) } else { Meddling::Pass }
        })
    }

    /// Runs a process, which dies where the fuse ends; whether it did.
    pub(crate) async fn burn<T>(&self, process: impl Future<Output = T>) -> bool {
        tokio::select! {
            biased;
            () = self.reached.notified() => true,
            _ = process => false,
        }
    }

    /// What the process had done when it died.
    pub(crate) fn done(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

/// Runs an act at each crash point in turn: before and after its first call, its second, until it makes no more. Answers
/// how many there were.
pub(crate) async fn at_each_crash_point(mut act: impl AsyncFnMut(Fuse) -> bool) -> usize {
    let mut points = 0;
    for at in 1.. {
        if !act(Fuse::new(at, false)).await {
            assert!(at > 2, "it makes calls");
            break;
        }
        assert!(act(Fuse::new(at, true)).await, "it makes the same calls each time");
        points += 2;
    }
    points
}
