//! Files: sent, shown small, fetched by links; and those that mean harm.

use std::time::Duration;

use confab_domain::TenantSettings;
use confab_testhub::hub::Hub;
use futures::StreamExt as _;
use reqwest::Method;
use serde_json::json;

use crate::support::Caller;

/// A picture of one grey, 2 x 2.
const GIF: &[u8] = b"GIF89a\x02\x00\x02\x00\x80\x00\x00\x80\x80\x80\xff\xff\xff\x2c\x00\x00\x00\x00\x02\x00\x02\x00\x00\x02\x02\x84\x51\x00\x3b";

async fn attach(
    who: &Caller,
    id: &str,
    query: &str,
    bytes: impl Into<reqwest::Body>,
) -> crate::support::Answer {
    let path = format!("/api/conversations/{id}/attachments?{query}");
    // What the sender says of the type is not believed.
    who.send(Method::POST, &path, &[("content-type", "image/png")], bytes.into()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_a_message_with_a_preview_and_links_that_expire() {
    let hub = Hub::start_with(TenantSettings::default(), |config| config.attachments.link_seconds = 10).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let ann = Caller::with_token(&hub, &ann.token);
    let (id, mohan) = Caller::begin(&hub, "Look at this").await;
    let sent = attach(&mohan, &id, "client_id=f-1&name=pic.gif&text=the%20error", GIF).await;
    let body = sent.with(201);
    assert_eq!(
        (&body["attachment"]["media_type"], &body["attachment"]["width"]),
        (&json!("image/gif"), &json!(2))
    );
    // The same request again makes no second message and stores nothing.
    let files = hub.stored_files();
    let again = attach(&mohan, &id, "client_id=f-1&name=pic.gif&text=the%20error", GIF).await.with(200);
    assert_eq!((&again["attachment"], &again["seq"]), (&body["attachment"], &body["seq"]));
    assert_eq!(hub.stored_files(), files);

    let history = ann.get(&format!("/api/conversations/{id}/messages")).await.with(200);
    let items = history["items"].as_array().expect("items");
    let entry = items.iter().find(|item| item["seq"] == body["seq"]).expect("the message");
    assert_eq!(entry["entry"]["body"]["kind"], "IMAGE");
    assert_eq!(entry["entry"]["body"]["text"], "the error");

    let attachment = body["attachment"]["id"].as_str().expect("an id");
    let view = ann.get(&format!("/api/attachments/{attachment}")).await.with(200);
    let url = view["links"]["url"].as_str().expect("a link");
    let nobody = Caller::nobody(&hub);
    let file = nobody.get(url).await;
    assert_eq!((file.status.as_u16(), file.bytes.as_slice()), (200, GIF));
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert!(file.header("content-security-policy").contains("sandbox"));
    assert_eq!(file.header("content-disposition"), "inline; filename=\"pic.gif\"; filename*=UTF-8''pic.gif");
    let preview = nobody.get(view["links"]["preview_url"].as_str().expect("a link")).await;
    assert_eq!((preview.header("content-type"), &preview.bytes[..2]), ("image/jpeg", &b"\xff\xd8"[..]));

    let forged = url.replace("expires=1", "expires=2");
    assert_eq!(nobody.get(&forged).await.problem(404), "not_found");
    assert_eq!(nobody.get(&url.replace("/original", "/preview")).await.problem(404), "not_found");
    let (_, other) = Caller::begin(&hub, "Somebody else").await;
    assert_eq!(other.get(&format!("/api/attachments/{attachment}")).await.problem(404), "not_found");
    let path = format!("/api/conversations/{id}/attachments?client_id=f-9&name=x.gif");
    assert_eq!(other.send(Method::POST, &path, &[], GIF.into()).await.problem(404), "not_found");
    tokio::time::sleep(Duration::from_secs(11)).await;
    assert_eq!(nobody.get(url).await.problem(401), "token_expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_means_harm_is_refused_or_harmless() {
    let hub =
        Hub::start_with(TenantSettings::default(), |config| config.attachments.max_pixels = 10_000).await;
    let (id, mohan) = Caller::begin(&hub, "Files").await;
    let svg: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let html: &[u8] = b"<!DOCTYPE html><html><script>alert(1)</script></html>";
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0".to_vec();
    bomb.extend([0; 64]);
    let cases: [(&str, &[u8]); 6] = [
        ("drawing.svg", svg),
        ("picture.png", html),
        ("picture.png", &bomb),
        ("broken.gif", &GIF[..14]),
        ("program.png", b"MZ\x90\0\x03"),
        ("empty.txt", b""),
    ];
    for (number, (name, bytes)) in cases.into_iter().enumerate() {
        let refused = attach(&mohan, &id, &format!("client_id=h-{number}&name={name}"), bytes.to_vec()).await;
        assert_eq!(refused.problem(422), "invalid", "{name}");
    }
    assert_eq!(hub.stored_files(), 0, "nothing of them is kept");

    // Text that a careless browser could take for a page is text, to be saved and not opened.
    let text = attach(&mohan, &id, "client_id=t-1&name=page.html", "Hello <script>alert(1)</script>")
        .await
        .with(201);
    let file = Caller::nobody(&hub).get(text["links"]["url"].as_str().expect("a link")).await;
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment;"));
    assert!(text["links"]["preview_url"].is_null());
    let bad = attach(&mohan, &id, "client_id=t-2&name=..%2f", "x").await;
    assert_eq!(bad.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_gigabytes_are_refused_on_the_way_without_being_held() {
    let hub =
        Hub::start_with(TenantSettings::default(), |config| config.attachments.max_bytes = 20_000_000).await;
    let (id, mohan) = Caller::begin(&hub, "Files").await;
    let before = resident_bytes();
    let piece = bytes::Bytes::from("a line of text that goes on and on\n".repeat(30_000));
    let pieces = futures::stream::repeat(piece).take(10_000).map(Ok::<_, std::io::Error>);
    let path = format!("{}/api/conversations/{id}/attachments?client_id=big&name=big.txt", hub.url());
    let sent = reqwest::Client::new()
        .post(path)
        .bearer_auth(mohan.token())
        .body(reqwest::Body::wrap_stream(pieces))
        .send()
        .await;
    // The hub answers while the sender is still at it; whether it gets to read that is up to its library.
    if let Ok(response) = sent {
        assert_eq!(response.status().as_u16(), 413);
    }
    assert_eq!(hub.stored_files(), 0, "nothing of it is kept");
    let grown = resident_bytes().saturating_sub(before);
    assert!(grown < 200_000_000, "{grown} bytes more in memory");
    let length = &[("content-length", "10737418240")];
    let announced = format!("/api/conversations/{id}/attachments?client_id=big2&name=big.txt");
    let refused = mohan.announce(&announced, length).await;
    assert!(refused.starts_with("HTTP/1.1 413"), "{refused}");
}

fn resident_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").expect("a Linux machine");
    status.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).expect("pages") * 4096
}
