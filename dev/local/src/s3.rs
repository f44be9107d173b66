//! The part of S3 that links to large exports need: objects are put, and read through presigned URLs until those
//! expire. It has a loopback port of its own, which serves the desk's pages. Objects are in memory and expire by the bucket's lifecycle rule.

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
    door::Door,
    serving::{Reply, Serving, bind, reply, serve},
    template::Bucket,
};

/// Maximum object size, far above a county's workbook. S3 itself takes 5 GB per request.
const MAX_BODY: usize = 200 * 1024 * 1024;

/// An object and the headers that are returned with it.
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

/// Starts a server for the bucket. Pages of these origins may follow links to it.
pub(crate) async fn start(bucket: &Bucket, pages: Vec<String>, clock: Clock) -> Result<Serving, Error> {
    let port = bind(([127, 0, 0, 1], 0).into()).await?;
    let door = Door::of_service(port.address, pages);
    let objects = Arc::new(Objects {
        kept: Mutex::default(),
        lifetime: SignedDuration::from_hours(24 * bucket.days),
        exposed: bucket.exposed.join(", "),
        clock,
    });
    Ok(serve(port, door, move |request, _| answer(request, Arc::clone(&objects))))
}

async fn answer(request: Request<Incoming>, objects: Arc<Objects>) -> Reply {
    let (head, body) = request.into_parts();
    let key = head.uri.path().to_owned();
    let mut reply = match head.method {
        Method::PUT => match Limited::new(body, MAX_BODY).collect().await {
            Ok(body) => objects.put(key, &head.headers, body.to_bytes()),
            Err(_) => refused(StatusCode::BAD_REQUEST, "EntityTooLarge"),
        },
        Method::GET => objects.get(&key, &head.uri),
        _ => refused(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
    };
    // The door has let in no other origin than those of the pages.
    if let Some(origin) = head.headers.get(header::ORIGIN) {
        reply.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        set_header(&mut reply, header::ACCESS_CONTROL_EXPOSE_HEADERS, &objects.exposed);
    }
    reply
}

impl Objects {
    fn put(&self, key: String, sent: &HeaderMap, bytes: Bytes) -> Reply {
        let returned = [header::CONTENT_TYPE, header::CONTENT_DISPOSITION];
        let headers = returned.into_iter().filter_map(|name| Some((name.clone(), sent.get(name)?.clone()))).collect();
        let put_at = self.clock.now();
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, object| self.is_kept(object));
        kept.insert(key, Object { put_at, headers, bytes });
        reply(StatusCode::OK, "application/xml", "")
    }

    fn get(&self, key: &str, address: &Uri) -> Reply {
        if expiry(address).is_none_or(|expiry| expiry <= self.clock.now()) {
            return refused(StatusCode::FORBIDDEN, "AccessDenied");
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(object) = kept.get(key).filter(|object| self.is_kept(object)) else {
            return refused(StatusCode::NOT_FOUND, "NoSuchKey");
        };
        let mut answer = Response::new(Full::new(object.bytes.clone()));
        *answer.headers_mut() = object.headers.clone();
        answer
    }

    fn is_kept(&self, object: &Object) -> bool {
        self.clock.now().duration_since(object.put_at) < self.lifetime
    }
}

/// Returns the expiry of a presigned URL. The signature must be present but is not verified: any process that can send
/// the request can also read the table.
fn expiry(address: &Uri) -> Option<Timestamp> {
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
    set_header(&mut reply, HeaderName::from_static("x-amz-error-code"), code);
    reply
}

fn set_header(reply: &mut Reply, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(name, value);
    }
}
