//! S3, as far as a link to a large export needs it: an object is put, and read by whoever has an address that was signed
//! for it, until that lapses. On a loopback port of its own; in memory, for as long as the bucket's lifecycle rule says.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use runtime::Clock;

use crate::{
    Error,
    serving::{Reply, Serving, bind, reply, serve},
    template::Bucket,
};

/// Far beyond a county's workbook; S3 itself takes 5 GB at once.
const MAX_BODY: usize = 200 * 1024 * 1024;

/// An object, with the headers that whoever reads it gets back.
struct Object {
    put_at: Timestamp,
    headers: HeaderMap,
    bytes: Bytes,
}

struct Objects {
    kept: Mutex<BTreeMap<String, Object>>,
    lifetime: SignedDuration,
    exposed: String,
    clock: Clock,
}

/// Serves the bucket.
pub(crate) async fn start(bucket: &Bucket, clock: Clock) -> Result<Serving, Error> {
    let (listener, address) = bind(([127, 0, 0, 1], 0).into()).await?;
    let objects = Arc::new(Objects {
        kept: Mutex::default(),
        lifetime: SignedDuration::from_hours(24 * bucket.days),
        exposed: bucket.exposed.join(", "),
        clock,
    });
    Ok(serve(listener, address, move |request, _| answer(request, Arc::clone(&objects))))
}

async fn answer(request: Request<Incoming>, objects: Arc<Objects>) -> Reply {
    let (head, body) = request.into_parts();
    let key = head.uri.path().to_owned();
    match head.method {
        Method::PUT => match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => objects.put(key, &head.headers, body.to_bytes()),
            Err(_) => refused(StatusCode::BAD_REQUEST, "EntityTooLarge"),
        },
        Method::GET => objects.get(&key, &head.uri),
        _ => refused(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
    }
}

impl Objects {
    fn put(&self, key: String, told: &HeaderMap, bytes: Bytes) -> Reply {
        let returned = [header::CONTENT_TYPE, header::CONTENT_DISPOSITION];
        let headers = returned.into_iter().filter_map(|name| Some((name.clone(), told.get(name)?.clone()))).collect();
        let put_at = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, object| self.is_kept(object));
        kept.insert(key, Object { put_at, headers, bytes });
        reply(StatusCode::OK, "application/xml", "")
    }

    fn get(&self, key: &str, address: &Uri) -> Reply {
        if lapses(address).is_none_or(|lapses| lapses <= self.clock.now()) {
            return refused(StatusCode::FORBIDDEN, "AccessDenied");
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(object) = kept.get(key).filter(|object| self.is_kept(object)) else {
            return refused(StatusCode::NOT_FOUND, "NoSuchKey");
        };
        let mut answer = Response::new(Full::new(object.bytes.clone()));
        *answer.headers_mut() = object.headers.clone();
        told(&mut answer, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        told(&mut answer, header::ACCESS_CONTROL_EXPOSE_HEADERS, &self.exposed);
        answer
    }

    fn is_kept(&self, object: &Object) -> bool {
        self.clock.now().duration_since(object.put_at) < self.lifetime
    }
}

/// When a signed address lapses. That it is ours is not looked into: on this machine whoever can ask can also read the
/// table.
fn lapses(address: &Uri) -> Option<Timestamp> {
    let given = |wanted: &str| {
        let mut parameters = address.query()?.split('&').filter_map(|one| one.split_once('='));
        parameters.find(|(name, _)| *name == wanted).map(|(_, value)| value)
    };
    given("X-Amz-Signature")?;
    let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", given("X-Amz-Date")?).ok()?;
    let seconds = given("X-Amz-Expires")?.parse().ok()?;
    TimeZone::UTC.to_timestamp(signed).ok()?.checked_add(SignedDuration::from_secs(seconds)).ok()
}

fn refused(status: StatusCode, code: &str) -> Reply {
    let mut reply = reply(status, "application/xml", format!("<Error><Code>{code}</Code></Error>"));
    told(&mut reply, HeaderName::from_static("x-amz-error-code"), code);
    reply
}

fn told(reply: &mut Reply, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
}
