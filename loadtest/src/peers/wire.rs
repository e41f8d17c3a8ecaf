//! What is said on the wire: the floor's few words, and as much of Socket.IO's protocol as a client of ours needs
//! (Engine.IO 4, Socket.IO 5, text frames over WebSocket from the start).

use serde::Deserialize;
use serde_json::json;

use crate::voices::TEXT;

/// The answer to a ping.
pub(super) const PONG: &str = "3";

/// How a peer is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    Floor,
    SocketIo,
}

/// What a frame amounts to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// The connection stands; the client introduces itself now.
    Opened,
    /// The client is in its rooms.
    Joined,
    /// Somebody's message.
    Message(u64),
    /// The client's own message is taken.
    Acknowledged(u64),
    /// The client's own message is not taken.
    Refused(u64, String),
    /// The client is to answer.
    Ping,
    /// The peer ends the connection.
    Ended(String),
    /// Of no interest.
    Other,
}

/// The part of a message that is looked at.
#[derive(Debug, Deserialize)]
struct Named<'a> {
    client_id: &'a str,
}

/// What a handler answers.
#[derive(Debug, Deserialize)]
struct Answer {
    status: String,
    message: Option<String>,
}

/// A room's name.
fn room(number: usize) -> String {
    format!("room-{number}")
}

/// A message's number, by its id.
fn number_of(id: &str) -> Option<u64> {
    id.strip_prefix("m-")?.parse().ok()
}

impl Wire {
    /// Where a client connects at a relay's address.
    pub(super) fn url(self, address: &str, rooms: &[usize]) -> String {
        match self {
            Self::Floor => {
                let rooms: Vec<String> = rooms.iter().copied().map(room).collect();
                format!("ws://{address}/?rooms={}", rooms.join(","))
            }
            Self::SocketIo => format!("ws://{address}/socket.io/?EIO=4&transport=websocket"),
        }
    }

    /// How a client introduces itself when its connection stands; at the floor its address says everything.
    pub(super) fn introduction(self, name: &str, rooms: &[usize]) -> Option<String> {
        let rooms: Vec<String> = rooms.iter().copied().map(room).collect();
        (self == Self::SocketIo).then(|| format!("40{}", json!({ "name": name, "rooms": rooms })))
    }

    /// A message.
    pub(super) fn message(self, room_number: usize, number: u64) -> String {
        match self {
            Self::Floor => format!("msg {} m-{number} {TEXT}", room(room_number)),
            // Written by hand: it is the same each time, and the client shouldn't be what is measured.
            Self::SocketIo => format!(
                r#"42{number}["message",{{"room":"{}","client_id":"m-{number}","body":"{TEXT}"}}]"#,
                room(room_number)
            ),
        }
    }

    /// What a frame amounts to.
    pub(super) fn hear(self, frame: &str) -> Heard {
        match self {
            Self::Floor => hear_floor(frame),
            Self::SocketIo => hear_socket_io(frame),
        }
    }
}

fn hear_floor(frame: &str) -> Heard {
    let (word, rest) = frame.split_once(' ').unwrap_or((frame, ""));
    let mut words = rest.splitn(3, ' ');
    let mut id = || words.next().and_then(number_of);
    match word {
        "joined" => Heard::Joined,
        "msg" => rest.split(' ').nth(1).and_then(number_of).map_or(Heard::Other, Heard::Message),
        "ack" => id().map_or(Heard::Other, Heard::Acknowledged),
        "nack" => id().map_or(Heard::Other, |number| Heard::Refused(number, rest.to_owned())),
        "refused" => Heard::Ended(rest.to_owned()),
        _ => Heard::Other,
    }
}

fn hear_socket_io(frame: &str) -> Heard {
    if let Some(event) = frame.strip_prefix("42") {
        if event.starts_with(r#"["joined""#) {
            return Heard::Joined;
        }
        let message = serde_json::from_str::<(&str, Named<'_>)>(event);
        let number = message.ok().and_then(|(_, named)| number_of(named.client_id));
        return number.map_or(Heard::Other, Heard::Message);
    }
    if let Some(answer) = frame.strip_prefix("43") {
        let digits = answer.find('[').unwrap_or(answer.len());
        let (number, answer) = answer.split_at(digits);
        let Ok(number) = number.parse() else { return Heard::Other };
        return match serde_json::from_str::<[Answer; 1]>(answer) {
            Ok([answer]) if answer.status == "ok" => Heard::Acknowledged(number),
            Ok([answer]) => Heard::Refused(number, answer.message.unwrap_or(answer.status)),
            Err(error) => Heard::Refused(number, error.to_string()),
        };
    }
    match frame.as_bytes() {
        [b'0', ..] => Heard::Opened,
        [b'2', ..] => Heard::Ping,
        [b'1', ..] | [b'4', b'1' | b'4', ..] => Heard::Ended(frame.to_owned()),
        _ => Heard::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_floor_is_understood() {
        let wire = Wire::Floor;
        assert_eq!(wire.hear(&wire.message(3, 17)), Heard::Message(17));
        assert_eq!(wire.hear("joined"), Heard::Joined);
        assert_eq!(wire.hear("ack m-5"), Heard::Acknowledged(5));
        assert_eq!(wire.hear("nack m-5 timed out"), Heard::Refused(5, "m-5 timed out".to_owned()));
        assert_eq!(wire.url("127.0.0.1:80", &[1, 2]), "ws://127.0.0.1:80/?rooms=room-1,room-2");
    }

    #[test]
    fn socket_io_is_understood() {
        let wire = Wire::SocketIo;
        let sent = wire.message(3, 17);
        assert!(sent.starts_with(r#"4217["message",{"room":"room-3","client_id":"m-17","#));
        let event = sent.replacen("4217", "42", 1);
        assert_eq!(wire.hear(&event), Heard::Message(17));
        assert_eq!(wire.hear(r#"42["joined",["room-3"]]"#), Heard::Joined);
        assert_eq!(wire.hear(r#"4317[{"status":"ok"}]"#), Heard::Acknowledged(17));
        let refused = wire.hear(r#"4317[{"status":"error","message":"no room"}]"#);
        assert_eq!(refused, Heard::Refused(17, "no room".to_owned()));
        assert_eq!(wire.hear(r#"0{"sid":"x","pingInterval":25000}"#), Heard::Opened);
        assert_eq!(wire.hear(r#"40{"sid":"x"}"#), Heard::Other);
        assert_eq!(wire.hear("2"), Heard::Ping);
        assert_eq!(wire.hear("41"), Heard::Ended("41".to_owned()));
        assert_eq!(wire.introduction("c", &[1]).as_deref(), Some(r#"40{"name":"c","rooms":["room-1"]}"#));
    }
}
