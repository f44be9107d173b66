//! IAM, as far as the desk's own roles go. Every story is told under the roles that `template.yaml` writes: a call that
//! its function is not granted does not get through, as on AWS.

mod called;
mod granted;

use std::sync::LazyLock;

use local::Rewire;

pub(crate) use called::{Called, Recorder};
pub(crate) use granted::{Granted, functions, granted, several, statements};

use super::wire::{Fault, tapped};

static GRANTED: LazyLock<Vec<Granted>> = LazyLock::new(granted);

/// Lets through what is granted, after whatever else a story has put on the wire.
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
