//! Pictures of agents: set, seen by everybody, replaced, taken away; and what is no picture.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use confab_domain::TenantSettings;
use confab_protocol::Role;
use confab_testhub::hub::Hub;
use reqwest::Method;

use crate::support::{Answer, Caller};

/// A grey PNG of 384 x 192 pixels.
const WIDE: &str = "iVBORw0KGgoAAAANSUhEUgAAAYAAAADACAAAAAAog+u7AAABF0lEQVR42u3RQREAAAzCMHTiXwg3FfukEppUr8UCAAAEAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQAAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQAgAAAEAIAAABAAAAIAQAAACAAAAQCga9h/RewnnUQ7AAAAAElFTkSuQmCC";
/// A lighter one of 20 x 20.
const SMALL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAABQAAAAUCAAAAACo4kLRAAAAEUlEQVR42mM4gQUwjAoOJkEAaaQ4kP7Fs8IAAAAASUVORK5CYII=";

fn bytes_of(picture: &str) -> Vec<u8> {
    STANDARD.decode(picture).expect("base64")
}

/// Height and width, as a JPEG's frame says them.
fn size_of(jpeg: &[u8]) -> (u16, u16) {
    let frame = jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
    let side = |at: usize| u16::from_be_bytes([jpeg[frame + at], jpeg[frame + at + 1]]);
    (side(5), side(7))
}

async fn set(who: &Caller, bytes: impl Into<reqwest::Body>) -> Answer {
    // What the sender says of the type is not believed.
    who.send(Method::PUT, "/api/me/picture", &[("content-type", "image/png")], bytes.into()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_picture_is_seen_by_everybody_until_it_is_taken_away() {
    let hub = Hub::start_with(TenantSettings::default(), |_| {}).await;
    let ann = hub.tenant.agent("Ann", 3).await;
    let path = format!("/api/people/acme/{}/picture", ann.id);
    let ann = Caller::with_token(&hub, &ann.token);
    let nobody = Caller::nobody(&hub);
    let none = nobody.get(&path).await;
    assert_eq!((none.status.as_u16(), none.bytes.len()), (204, 0));
    set(&ann, bytes_of(WIDE)).await.with(204);
    let seen = nobody.get(&format!("{path}?v=2")).await;
    assert_eq!((seen.status.as_u16(), &seen.bytes[..2]), (200, &b"\xff\xd8"[..]), "encoded anew");
    assert_eq!(size_of(&seen.bytes), (96, 192), "small, and of the same shape");
    assert_eq!(
        ["content-type", "x-content-type-options", "cache-control", "cross-origin-resource-policy"]
            .map(|name| seen.header(name)),
        ["image/jpeg", "nosniff", "public, max-age=300", "cross-origin"]
    );
    assert!(seen.header("content-security-policy").contains("sandbox"));
    set(&ann, bytes_of(SMALL)).await.with(204);
    let another = nobody.get(&path).await;
    assert_ne!(another.bytes, seen.bytes);

    // What is refused changes nothing.
    let gif: &[u8] = b"GIF89a\x02\x00\x02\x00\x80\x00\x00\x80\x80\x80\xff\xff\xff\x2c\x00\x00\x00\x00\x02\x00\x02\x00\x00\x02\x02\x84\x51\x00\x3b";
    let svg: &[u8] = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xff\xff\0\0\xff\xff\x08\x06\0\0\0".to_vec();
    bomb.extend([0; 64]);
    for bytes in [gif.to_vec(), svg.to_vec(), bomb, bytes_of(SMALL)[..40].to_vec(), Vec::new()] {
        assert_eq!(set(&ann, bytes).await.problem(422), "invalid");
    }
    assert_eq!(set(&ann, vec![0; 256 * 1024 + 1]).await.problem(413), "too_large");
    let (_, mohan) = Caller::begin(&hub, "Hello").await;
    assert_eq!(set(&mohan, bytes_of(SMALL)).await.problem(403), "forbidden");
    assert_eq!(set(&nobody, bytes_of(SMALL)).await.problem(401), "unauthenticated");
    assert_eq!(nobody.get(&format!("{path}?size=9")).await.problem(422), "invalid");
    assert_eq!(nobody.get("/api/people/nowhere/ann/picture").await.problem(404), "not_found");
    assert_eq!(nobody.get(&path).await.bytes, another.bytes);

    ann.delete("/api/me/picture").await.with(204);
    let adam = hub.tenant.with_login("Adam", Role::Admin, 1).await;
    let log = Caller::with_token(&hub, &adam.token).get("/api/admin/audit?limit=100").await.with(200);
    for action in ["set_picture", "delete_picture"] {
        assert!(log.to_string().contains(action), "{action}: {log}");
    }
    assert_eq!(nobody.get(&path).await.status.as_u16(), 204);
}
