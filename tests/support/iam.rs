//! IAM for the desk's own roles. Every story runs under the roles of `template.yaml`: a call that the function's role
//! does not grant is refused, as on AWS.

mod called;
mod granted;

use std::sync::LazyLock;

use local::Rewire;

pub(crate) use called::{Called, Recorder};
pub(crate) use granted::{Granted, functions, granted, several, statements};

use super::wire::{Fault, tapped};

static GRANTED: LazyLock<Vec<Granted>> = LazyLock::new(granted);

/// Refuses calls that are not granted. A story's own faults (`inner`) are applied first.
pub(super) fn guarded(inner: Option<Rewire>) -> Rewire {
    Rewire::new(move |function, aws| {
        let aws = inner.iter().fold(aws, |aws, inner| inner.apply(function, aws));
        let function = function.to_owned();
        tapped(aws, move |request| {
            let refused = Called::of(&function, request).into_iter().find(|call| !is_granted(call))?;
            println!("not granted by the template: {refused}");
            Some(Fault::Denied)
        })
    })
}

fn is_granted(called: &Called) -> bool {
    GRANTED.iter().any(|granted| granted.allows(called))
}
