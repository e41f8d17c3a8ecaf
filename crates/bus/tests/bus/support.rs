//! What the tests of the bus share: a connected bus over a server of its own, and ids.

use std::time::Duration;

use bytes::Bytes;
use confab_bus::{Bus, BusSettings, Log, LogEntry, Published};
use confab_protocol::{Channel, CommandId, TenantId, UserId};
use confab_testkit::nats::NatsServer;

/// Settings for a server, quick where waiting would only cost time.
pub(crate) fn settings(server: &NatsServer) -> BusSettings {
    BusSettings {
        url: server.url(),
        name: "node-1".into(),
        publish_timeout: Duration::from_secs(2),
        ..BusSettings::default()
    }
}

/// A bus whose streams exist.
pub(crate) async fn connect(settings: BusSettings) -> Bus {
    let bus = Bus::connect(settings).await.expect("the server accepts the connection");
    bus.ensure_topology().await.expect("the streams are made");
    bus
}

/// A server and a bus on it.
pub(crate) async fn started() -> (NatsServer, Bus) {
    let server = NatsServer::start();
    let bus = connect(settings(&server)).await;
    (server, bus)
}

pub(crate) fn tenant() -> TenantId {
    TenantId::parse("acme").expect("an id")
}

pub(crate) fn user(id: &str) -> UserId {
    UserId::parse(id).expect("an id")
}

pub(crate) fn command(id: &str) -> CommandId {
    CommandId::parse(id).expect("an id")
}

pub(crate) fn channel(name: &str) -> Channel {
    name.parse().expect("a channel")
}

/// Publishes one entry and waits until it is stored.
pub(crate) async fn publish(log: &Log, channel: &Channel, id: &str) -> Published {
    let entry = LogEntry {
        channel,
        tenant: &tenant(),
        message_id: &format!("{channel}:{id}"),
        payload: Bytes::copy_from_slice(id.as_bytes()),
        customer: None,
    };
    log.publish(entry).await.expect("it is sent").await.expect("it is stored")
}

/// Fails a wait that would never end.
pub(crate) async fn soon<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("it happens within ten seconds")
}
