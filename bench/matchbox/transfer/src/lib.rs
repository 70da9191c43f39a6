//! Sends the same bytes over a connection of this crate, and over a socket of matchbox_socket.
//!
//! Each message begins with its number, and what arrives is counted and checked.

use std::cell::Cell;

use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender};
use futures::future::{Either, join, select};
use futures::stream::StreamExt;
use gloo_timers::future::TimeoutFuture;
use matchbox_socket::{Packet, PeerId, PeerState, RtcIceServerConfig, WebRtcSocket};
use peerjs_wasm::{ConnectOptions, Connection, Peer};
use serde_bytes::{ByteBuf, Bytes};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How long nothing may arrive before that is the end, in milliseconds.
const SILENCE: u32 = 10_000;

/// What has arrived.
#[wasm_bindgen]
#[derive(Default)]
pub struct Arrived {
    /// Messages.
    pub messages: u32,
    /// Their bytes.
    pub bytes: f64,
    /// Whether they were the expected ones, in their order.
    pub in_order: bool,
}

impl Arrived {
    fn nothing() -> Self {
        Self { in_order: true, ..Self::default() }
    }

    fn count(&mut self, message: &[u8]) {
        self.in_order &= message.starts_with(&self.messages.to_le_bytes());
        self.messages += 1;
        self.bytes += message.len() as f64;
    }
}

fn message(number: u32, size: usize) -> Vec<u8> {
    let mut message = vec![7; size];
    message[..4].copy_from_slice(&number.to_le_bytes());
    message
}

/// A connection of this crate, both ends.
#[wasm_bindgen]
pub struct Ours {
    _peers: [Peer; 2],
    near: Connection,
    far: Connection,
}

#[wasm_bindgen]
impl Ours {
    /// Connects two peers over the PeerServer at this port.
    pub async fn open(port: u16) -> Result<Ours, JsError> {
        let builder = || Peer::builder().host("127.0.0.1").port(port).secure(false).ice_servers([]);
        let (one, two) = (builder().open().await?, builder().open().await?);
        let near = one.connect(&two.id(), ConnectOptions::new())?;
        let far = two.incoming().next().await.ok_or_else(|| JsError::new("no connection"))?;
        near.open().await?;
        Ok(Self { _peers: [one, two], near, far })
    }

    /// Sends messages of this size, and resolves with what has arrived.
    pub async fn transfer(&self, count: u32, size: usize) -> Result<Arrived, JsError> {
        let send = async {
            for number in 0..count {
                self.near.send(Bytes::new(&message(number, size))).await?;
            }
            Ok::<_, JsError>(())
        };
        let receive = async {
            let mut arrived = Arrived::nothing();
            let mut messages = self.far.messages::<ByteBuf>();
            while arrived.messages < count {
                let Some(message) = messages.next().await else { break };
                arrived.count(&message?);
            }
            Ok::<_, JsError>(arrived)
        };
        let (sent, arrived) = join(send, receive).await;
        sent?;
        arrived
    }
}

type Ends = (UnboundedSender<(PeerId, Packet)>, UnboundedReceiver<(PeerId, Packet)>);

/// Two sockets of matchbox_socket in one room.
#[wasm_bindgen]
pub struct Matchbox {
    _sockets: [WebRtcSocket; 2],
    to: [PeerId; 2],
    ends: [Ends; 2],
}

#[wasm_bindgen]
impl Matchbox {
    /// Connects two sockets over the server with this address.
    pub async fn open(room: String) -> Result<Matchbox, JsError> {
        let socket = || {
            let none = RtcIceServerConfig { urls: Vec::new(), username: None, credential: None };
            let builder = WebRtcSocket::builder(&room).ice_server(none).add_reliable_channel();
            let (socket, messages) = builder.build();
            spawn_local(async {
                let _ = messages.await;
            });
            socket
        };
        let (mut one, mut two) = (socket(), socket());
        let (to_two, to_one) = join(connected(&mut one), connected(&mut two)).await;
        let ends = [one.take_channel(0)?.split(), two.take_channel(0)?.split()];
        Ok(Self { _sockets: [one, two], to: [to_two?, to_one?], ends })
    }

    /// Sends messages of this size, and resolves with what has arrived when that is all, or nothing more comes.
    ///
    /// With a `window` the far end acknowledges each message by an empty one, and no more than `window` messages are
    /// sent ahead: nothing in matchbox_socket tells a sender to wait. Without one (0) all are sent at once.
    pub async fn transfer(&mut self, count: u32, size: usize, window: u32) -> Arrived {
        let [to_far, to_near] = self.to;
        let [(near, acknowledgements), (far, messages)] = &mut self.ends;
        let done = Cell::new(false);
        let send = async {
            let mut acknowledged = 0;
            for number in 0..count {
                while window > 0 && number >= acknowledged + window {
                    if next(acknowledgements).await.is_none() {
                        return;
                    }
                    acknowledged += 1;
                }
                if near.unbounded_send((to_far, message(number, size).into())).is_err() {
                    return;
                }
            }
            while window > 0 && acknowledged < count && !done.get() {
                if next(acknowledgements).await.is_none() {
                    return;
                }
                acknowledged += 1;
            }
        };
        let receive = async {
            let mut arrived = Arrived::nothing();
            while arrived.messages < count {
                let Some((_, message)) = next(messages).await else { break };
                arrived.count(&message);
                if window > 0 && far.unbounded_send((to_near, Packet::default())).is_err() {
                    break;
                }
            }
            done.set(true);
            arrived
        };
        join(send, receive).await.1
    }
}

/// The id of the other socket in the room, once it is connected.
async fn connected(socket: &mut WebRtcSocket) -> Result<PeerId, JsError> {
    while let Some((peer, state)) = socket.next().await {
        if state == PeerState::Connected {
            return Ok(peer);
        }
    }
    Err(JsError::new("the socket has ended"))
}

/// The next message, unless none comes.
async fn next(messages: &mut UnboundedReceiver<(PeerId, Packet)>) -> Option<(PeerId, Packet)> {
    match select(messages.next(), TimeoutFuture::new(SILENCE)).await {
        Either::Left((message, _)) => message,
        Either::Right(_) => None,
    }
}
