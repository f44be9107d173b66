//! Bodies that a parser may take for others: compressed, in another encoding, or nearly JSON.

use reqwest::Method;
use serde_json::json;

use crate::support::{COUNTY, Desk, PASSWORD, Reply};

/// `{"email":"mdo@oise.example","password":"Trombone-Girafe-42!"}`, compressed: a bomb would be such a body.
const GZIPPED: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\x4a\xcd\x4d\xcc\xcc\x51\xb2\x52\xca\x4d\xc9\x77\
    \xc8\xcf\x2c\x4e\xd5\x4b\xad\x48\xcc\x2d\xc8\x49\x55\xd2\x51\x2a\x48\x2c\x2e\x2e\xcf\x2f\x4a\x01\
    \xca\x86\x14\xe5\xe7\x26\xe5\xe7\xa5\xea\xba\x67\x16\x25\xa6\xa5\xea\x9a\x18\x29\x2a\xd5\x02\x00\
    \xbf\xfe\x3d\x42\x3d\x00\x00\x00";

#[tokio::test]
async fn ap14_no_body_is_decompressed_or_recoded() {
    let desk = Desk::open().await;
    desk.county().await;
    let form = json!({ "email": COUNTY, "password": PASSWORD }).to_string();
    let wide = |order: fn(u16) -> [u8; 2]| form.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let (little, big) = (wide(u16::to_le_bytes), wide(u16::to_be_bytes));
    let json = "application/json";
    for (media_type, encoding, body) in [
        (json, "gzip", GZIPPED.to_vec()),
        (json, "identity", GZIPPED.to_vec()),
        ("application/gzip", "", GZIPPED.to_vec()),
        ("application/json; charset=utf-16", "", little.clone()),
        (json, "", [&[0xff, 0xfe][..], &little].concat()),
        (json, "", [&[0xfe, 0xff][..], &big].concat()),
        (json, "", [&[0xef, 0xbb, 0xbf][..], form.as_bytes()].concat()),
        ("text/json", "", form.clone().into_bytes()),
        ("application/json5", "", form.clone().into_bytes()),
        ("application/x-www-form-urlencoded", "", format!("email={COUNTY}&password={PASSWORD}").into_bytes()),
    ] {
        let request = desk.request(Method::POST, "/sessions").header("Content-Type", media_type);
        let request = if encoding.is_empty() { request } else { request.header("Content-Encoding", encoding) };
        let status = Reply::of(request.body(body)).await.status;
        assert!([400, 415].contains(&status), "{media_type} {encoding}: {status}");
    }
    let request = desk.request(Method::POST, "/sessions").header("Content-Type", "application/json; charset=utf-8");
    Reply::of(request.body(form)).await.expect(201);
}

/// AWS's gateway replaces bytes that are not UTF-8 in a body of type `application/json`, and passes those of another
/// type as they are. Neither becomes a name.
#[tokio::test]
async fn w19_bytes_that_are_not_utf_8_are_refused_on_either_way() {
    let desk = Desk::open().await;
    let (_, marie) = desk.staffed().await;
    let (id, etag) = desk.register(&marie, "camille@orange.example").await;
    for byte in 0x80..=0xff_u8 {
        let body = [&b"{\"lastName\":\""[..], &[byte], b"xemple\"}"].concat();
        for (media_type, status, code) in
            [("application/json", 422, "invalid-fields"), ("application/merge-patch+json", 400, "malformed-json")]
        {
            let request = desk.request(Method::PATCH, &format!("/registrations/{id}")).bearer_auth(&marie.token);
            let request = request.header("If-Match", &etag).header("Content-Type", media_type);
            Reply::of(request.body(body.clone())).await.problem(status, code);
        }
    }
}

#[tokio::test]
async fn ap14_what_is_nearly_json_is_refused() {
    let desk = Desk::open().await;
    desk.county().await;
    for body in [
        r#"{"email":"x@y.fr","\u0065mail":"mdo@oise.example","password":"Trombone-Girafe-42!"}"#,
        r#"{"email":"mdo@oise.example","password":"Trombone-Girafe-42!"}{"email":"x@y.fr"}"#,
        r#"[{"email":"mdo@oise.example","password":"Trombone-Girafe-42!"}]"#,
        r#"{"email":"mdo@oise.example","password":"Trombone-Girafe-42!",}"#,
        r"{'email':'mdo@oise.example','password':'Trombone-Girafe-42!'}",
        r#"{email:"mdo@oise.example",password:"Trombone-Girafe-42!"}"#,
        r#"{"email":"mdo@oise.example",/**/"password":"Trombone-Girafe-42!"}"#,
        r#"{"email":"mdo@oise.example\ud800","password":"Trombone-Girafe-42!"}"#,
        r#"{"email":"mdo@oise.example","password":"Trombone-Girafe-42!","n":NaN}"#,
        r#"{"email":"mdo@oise.example","password":"Trombone-Girafe-42!","n":1e999}"#,
        ")]}',\n{\"email\":\"mdo@oise.example\",\"password\":\"Trombone-Girafe-42!\"}",
        "email=mdo@oise.example&password=Trombone-Girafe-42!",
    ] {
        let request = desk.request(Method::POST, "/sessions").header("Content-Type", "application/json");
        Reply::of(request.body(body)).await.problem(400, "malformed-json");
    }
    for email in [json!({ "$ne": null }), json!([COUNTY]), json!({ "S": COUNTY }), json!(0), json!(true)] {
        desk.open_post("/sessions", &json!({ "email": email, "password": PASSWORD }))
            .await
            .problem(422, "invalid-fields");
    }
}
