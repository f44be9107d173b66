//! Injects every fault into each call of every writing request in turn (RE1, RE7). With the SDK's retries, the caller
//! sees no failure. Without them, the answer is a 5xx, and the change was made completely or not at all. In either
//! case, repeating the request completes the change and duplicates nothing.

use std::pin::Pin;

use super::{audit::audit, requests, shape::shape};
use crate::support::{Desk, Fault, Reply, Wire};
use requests::Ask;

/// More calls than any request makes.
const CALLS: i64 = 60;

/// Prepares a story's desk and returns the request to send.
pub(crate) type Prepare = for<'a> fn(&'a Desk) -> Pin<Box<dyn Future<Output = Ask> + 'a>>;

/// A request that writes.
pub(crate) struct Story {
    pub(crate) prepare: Prepare,
    /// Status of the answer without faults.
    pub(crate) done: u16,
    /// Status that a repeat may have if the first request was carried out.
    pub(crate) again: u16,
    /// Whether a repeat leaves the table unchanged. (Asking for a link twice writes two messages.)
    pub(crate) once: bool,
    /// Whether the request makes several changes, each of them whole: a job that continues where it stopped.
    pub(crate) in_steps: bool,
}

/// The table's shape before the request, after it, and after a repeat.
struct Looks {
    before: Vec<String>,
    after: Vec<String>,
    twice: Vec<String>,
}

async fn look(desk: &Desk) -> Vec<String> {
    let items = desk.items().await;
    audit(&items);
    shape(&items)
}

impl Story {
    async fn without_faults(&self) -> Looks {
        let desk = Desk::open_on(&Wire::without_deliver()).await;
        let ask = (self.prepare)(&desk).await;
        let before = look(&desk).await;
        ask.send(&desk).await.expect(self.done);
        let after = look(&desk).await;
        ask.send(&desk).await.expect(self.again);
        let twice = look(&desk).await;
        assert!(before != after && self.once == (after == twice));
        Looks { before, after, twice }
    }

    /// Runs the story with a fault at its n-th call. Returns whether there was such a call.
    async fn with_fault(&self, looks: &Looks, wire: &Wire, n: i64, fault: Fault, must_succeed: bool) -> bool {
        let which = format!("{fault:?} at call {n}");
        let desk = Desk::open_on(wire).await;
        let ask = (self.prepare)(&desk).await;
        wire.fail_once(n, fault);
        let reply = ask.send(&desk).await;
        let failed = wire.calm();
        let then = look(&desk).await;
        let must_succeed = must_succeed || Fault::RETRIED_BY_THE_STORE.contains(&fault);
        if reply.status == self.done {
            assert!(then == looks.after, "{which}: answered as done");
        } else {
            assert!(failed && !must_succeed, "{which}: {}", reply.text());
            assert!(matches!(reply.status, 500 | 503), "{which}: {}", reply.text());
            assert!(then == looks.before || then == looks.after || self.in_steps, "{which}: half done");
        }
        self.again(looks, &desk, &ask, &reply, &which).await;
        failed
    }

    /// Repeats the request after a failure and checks that the change is complete and made once.
    async fn again(&self, looks: &Looks, desk: &Desk, ask: &Ask, first: &Reply, which: &str) {
        let again = ask.send(desk).await;
        assert!([self.done, self.again].contains(&again.status), "{which}, again: {}", again.text());
        let then = look(desk).await;
        let whole = then == looks.after && (self.once || first.status != self.done);
        assert!(whole || (!self.once && then == looks.twice), "{which}: not completed by asking again");
    }
}

/// Runs a story once for each call and fault. Returns the number of faults injected.
pub(crate) async fn each_call_fails_in_turn(story: Story) -> usize {
    let looks = story.without_faults().await;
    let mut faults = 0;
    let unrepeated = [&Fault::UNREPEATED[..], &Fault::RETRIED_BY_THE_STORE].concat();
    for (retries, kinds) in [(true, &Fault::ALL[..]), (false, &unrepeated)] {
        for fault in kinds {
            for n in 1..CALLS {
                let wire = Wire::without_deliver();
                let wire = if retries { wire } else { wire.without_retries() };
                if !story.with_fault(&looks, &wire, n, *fault, retries).await {
                    assert!(n > 2 || Fault::RETRIED_BY_THE_STORE.contains(fault), "it calls DynamoDB");
                    break;
                }
                faults += wire.struck();
            }
        }
    }
    faults
}
