//! The operations of the model of a Peer, made of random bytes.

use arbitrary::{Arbitrary, Result, Unstructured};
use peerjs_wasm::proto::message::MessageType;

pub const TOKEN: &str = "token";
/// The connection id of probes.
pub const PROBE: &str = "probe";

#[derive(Clone, Debug)]
pub enum Op {
    // Calls of the application.
    Connect(&'static str),
    Ready(u8),
    Awaited(u8),
    Opened(u8),
    Close(u8),
    Send(&'static str),
    Fail,
    Disconnect,
    Reconnect,
    Online,
    Destroy,
    // Reports of the browser about the server, for the current attempt or for any earlier one.
    IdReceived(Option<u8>, &'static str),
    IdFailed(Option<u8>),
    Refused(Option<u8>),
    SocketOpened(Option<u8>),
    SocketClosed(Option<u8>),
    Receive {
        attempt: Option<u8>,
        kind: MessageType,
        peer: &'static str,
        payload: Option<(&'static str, Shape)>,
    },
    /// A remote peer repeats a message, each time for another connection, or with `same` for one connection.
    Flood {
        kind: MessageType,
        times: u8,
        same: bool,
    },
    // Time, and delayed work of the page.
    Tick(f64),
    Poll(u8),
    Drain,
    // A successful course, which random operations alone would rarely give.
    Register,
}

#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Whole,
    Malformed,
    Closing,
}

const SHAPES: [Shape; 4] = [Shape::Whole, Shape::Whole, Shape::Malformed, Shape::Closing];
const PEERS: [&str; 4] = ["me", "far", "other", ""];
const CONNECTIONS: [&str; 4] = ["dc_1", "dc_2", "mc_1", PROBE];
const IDS: [&str; 3] = ["me", "given", "<p>"];
const SPANS: [f64; 5] = [0.0, 100.0, 5_000.0, 20_000.0, 40_000.0];
const KINDS: [MessageType; 14] = {
    use MessageType::*;
    // Important operations are more frequent.
    [
        Open, Offer, Offer, Offer, Answer, Answer, Candidate, Candidate, Leave, Expire, Error, IdTaken,
        InvalidKey, Heartbeat,
    ]
};

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let attempt = |u: &mut Unstructured<'a>| Ok(if u.ratio(1, 5)? { Some(u.arbitrary()?) } else { None });
        Ok(match u.int_in_range(0..=89)? {
            0..=3 => Self::Connect(u.choose(&PEERS)?),
            4..=6 => Self::Ready(u.arbitrary()?),
            7..=9 => Self::Opened(u.arbitrary()?),
            10..=11 => Self::Close(u.arbitrary()?),
            12..=14 => Self::Send(u.choose(&PEERS)?),
            15 => Self::Fail,
            16..=17 => Self::Disconnect,
            18..=21 => Self::Reconnect,
            22 => Self::Destroy,
            23..=26 => Self::IdReceived(attempt(u)?, u.choose(&IDS)?),
            27 => Self::IdFailed(attempt(u)?),
            28 => Self::Refused(attempt(u)?),
            29..=34 => Self::SocketOpened(attempt(u)?),
            35..=36 => Self::SocketClosed(attempt(u)?),
            37..=53 => Self::Receive {
                attempt: attempt(u)?,
                kind: *u.choose(&KINDS)?,
                peer: u.choose(&PEERS)?,
                payload: match u.ratio(9, 10)? {
                    true => Some((*u.choose(&CONNECTIONS)?, *u.choose(&SHAPES)?)),
                    false => None,
                },
            },
            54..=55 => Self::Flood { kind: *u.choose(&KINDS)?, times: u.arbitrary()?, same: u.arbitrary()? },
            56..=58 => Self::Tick(*u.choose(&SPANS)?),
            59..=64 => Self::Poll(u.int_in_range(1..=3)?),
            65..=77 => Self::Drain,
            78..=80 => Self::Awaited(u.arbitrary()?),
            81..=82 => Self::Online,
            _ => Self::Register,
        })
    }
}
