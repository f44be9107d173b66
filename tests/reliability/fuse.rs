//! Simulates a process that dies at its n-th call to AWS.

use std::sync::{Arc, Mutex};

use runtime::Aws;
use tokio::sync::Notify;

use crate::support::{Death, Meddling, meddled};

/// Ends a process at one of its calls.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fuse {
    at: usize,
    after: bool,
    reached: Arc<Notify>,
    /// The operations carried out before the process died.
    calls: Arc<Mutex<Vec<String>>>,
}

impl Fuse {
    fn new(at: usize, after: bool) -> Self {
        Self { at, after, ..Self::default() }
    }

    /// Attaches the fuse to a connection.
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

    /// Runs a process until it ends or reaches the fuse's call. Returns whether it died there.
    pub(crate) async fn burn<T>(&self, process: impl Future<Output = T>) -> bool {
        tokio::select! {
            biased;
            () = self.reached.notified() => true,
            _ = process => false,
        }
    }

    /// Returns the operations carried out before the process died.
    pub(crate) fn done(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

/// Runs `act` once for each crash point: before and after its first call, its second, and so on. Returns the number of
/// crash points.
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
