//! Every writing request, with every fault at each of its calls in turn (RE1, RE7). While the SDK may repeat, the caller
//! feels nothing; when it may not, the caller is told by a 5xx, and then either nothing has happened or all of it has.
//! Whatever it was, the same request again completes it and doubles nothing.

use std::pin::Pin;

use super::{audit::audit, requests, shape::shape};
use crate::support::{Desk, Fault, Reply, Wire};
use requests::Ask;

/// More calls than any request makes.
const CALLS: i64 = 60;

/// What a story does before its request, and the request.
pub(crate) type Prepare = for<'a> fn(&'a Desk) -> Pin<Box<dyn Future<Output = Ask> + 'a>>;

/// A request that writes.
pub(crate) struct Story {
    pub(crate) prepare: Prepare,
    /// What it answers when all is well.
    pub(crate) done: u16,
    /// What it may answer when it comes again and was done before.
    pub(crate) again: u16,
    /// Whether the table looks the same when it has come twice. (Two asked-for links are two mails.)
    pub(crate) once: bool,
    /// Whether it is several changes, each of them whole: a job that goes on where it was left.
    pub(crate) in_steps: bool,
}

/// What the table looks like before, after, and after it came twice.
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

    /// Answers whether there was such a call.
    async fn with_fault(&self, looks: &Looks, wire: &Wire, n: i64, fault: Fault, must_succeed: bool) -> bool {
        let which = format!("{fault:?} at call {n}");
        let desk = Desk::open_on(wire).await;
        let ask = (self.prepare)(&desk).await;
        wire.fail_once(n, fault);
        let reply = ask.send(&desk).await;
        let failed = wire.calm();
        let then = look(&desk).await;
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

    /// The caller who was told of a failure asks again.
    async fn again(&self, looks: &Looks, desk: &Desk, ask: &Ask, first: &Reply, which: &str) {
        let again = ask.send(desk).await;
        assert!([self.done, self.again].contains(&again.status), "{which}, again: {}", again.text());
        let then = look(desk).await;
        let whole = then == looks.after && (self.once || first.status != self.done);
        assert!(whole || (!self.once && then == looks.twice), "{which}: not completed by asking again");
    }
}

/// Tells a story again and again; answers how many faults were injected.
pub(crate) async fn each_call_fails_in_turn(story: Story) -> usize {
    let looks = story.without_faults().await;
    let mut faults = 0;
    for (retries, kinds) in [(true, &Fault::ALL[..]), (false, &Fault::UNREPEATED[..])] {
        for fault in kinds {
            for n in 1..CALLS {
                let wire = Wire::without_deliver();
                let wire = if retries { wire } else { wire.without_retries() };
                if !story.with_fault(&looks, &wire, n, *fault, retries).await {
                    assert!(n > 2, "it calls DynamoDB");
                    break;
                }
                faults += wire.struck();
            }
        }
    }
    faults
}
