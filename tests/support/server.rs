use std::collections::BTreeMap;

use peerjs_wasm::proto::message::{Message, MessageType};
use peerjs_wasm::proto::time::Millis;

use super::{Note, Wire, World};

const EXPIRE_AFTER: Millis = 5_000.0;
const ALIVE_TIMEOUT: Millis = 60_000.0;

/// A fault of the server.
#[derive(Clone, Copy, Default, PartialEq)]
pub enum Trouble {
    #[default]
    None,
    /// Nothing listens there.
    Unreachable,
    /// It accepts sockets and sends nothing.
    Mute,
    /// It accepts HTTP requests and does not answer them.
    Stuck,
    /// It refuses each socket with `ERROR`, as for a wrong key.
    Refuses,
}

struct Client {
    token: String,
    socket: usize,
    last_ping: Millis,
}

/// The messages for an unknown id: when the first one came, and their senders.
type Queues = BTreeMap<String, (Millis, Vec<(String, Message<Note>)>)>;

/// A simulated PeerServer.
#[derive(Default)]
pub struct Server {
    pub trouble: Trouble,
    /// The response to a request for an id, in place of a generated id.
    pub next_id: Option<String>,
    /// Sockets that are broken without an event at the server.
    pub lines_cut: Vec<usize>,
    clients: BTreeMap<String, Client>,
    queues: Queues,
    ids_given: u32,
}

impl Server {
    pub fn knows(&self, id: &str) -> bool {
        self.clients.contains_key(id)
    }

    pub fn give_id(&mut self) -> Option<String> {
        self.ids_given += 1;
        match self.trouble {
            Trouble::Unreachable => None,
            _ => self.next_id.clone().or_else(|| Some(format!("given-{}", self.ids_given))),
        }
    }

    pub fn deadline(&self) -> Option<Millis> {
        let silent = self.clients.values().map(|client| client.last_ping + ALIVE_TIMEOUT);
        let untaken = self.queues.values().map(|(since, _)| since + EXPIRE_AFTER);
        silent.chain(untaken).reduce(f64::min)
    }

    pub fn hang_up(&mut self, socket: usize) {
        self.clients.retain(|_, client| client.socket != socket);
    }
}

impl World {
    pub(super) fn server_dialled(&mut self, socket: usize) {
        match self.server.trouble {
            Trouble::Unreachable => return self.wire(Wire::Dropped { socket }),
            Trouble::Mute => return self.wire(Wire::Opened { socket }),
            Trouble::Stuck => return,
            Trouble::Refuses | Trouble::None => self.wire(Wire::Opened { socket }),
        }
        let (id, token) = (self.sockets[socket].id.clone(), self.sockets[socket].token.clone());
        if self.server.trouble == Trouble::Refuses {
            self.server_says(socket, MessageType::Error, "", Some(Note::text("Invalid key provided")));
            return self.wire(Wire::Dropped { socket });
        }
        match self.server.clients.get_mut(&id) {
            Some(client) if client.token != token => {
                self.server_says(socket, MessageType::IdTaken, "", Some(Note::text("ID is taken")));
                return self.wire(Wire::Dropped { socket });
            }
            // Sends nothing.
            Some(client) => client.socket = socket,
            None => {
                self.server.clients.insert(id.clone(), Client { token, socket, last_ping: self.now });
                self.server_says(socket, MessageType::Open, "", None);
            }
        }
        if let Some((_, waiting)) = self.server.queues.remove(&id) {
            for (src, message) in waiting {
                self.server_says(socket, message.kind, &src, message.payload);
            }
        }
    }

    pub(super) fn server_hears(&mut self, socket: usize, message: Message<Note>) {
        let src = self.sockets[socket].id.clone();
        let now = self.now;
        let Some(client) = self.server.clients.get_mut(&src) else { return };
        if message.kind == MessageType::Heartbeat {
            client.last_ping = now;
            return;
        }
        match self.server.clients.get(&message.peer).map(|client| client.socket) {
            Some(far) => self.server_says(far, message.kind, &src, message.payload),
            None => {
                let queue = self.server.queues.entry(message.peer.clone()).or_insert((now, Vec::new()));
                queue.1.push((src, message));
            }
        }
    }

    pub(super) fn server_time(&mut self) {
        let now = self.now;
        let (expired, kept): (Queues, Queues) = std::mem::take(&mut self.server.queues)
            .into_iter()
            .partition(|(_, (since, _))| *since + EXPIRE_AFTER <= now);
        self.server.queues = kept;
        for (dst, (_, waiting)) in expired {
            let mut told: Vec<String> = Vec::new();
            for (src, _) in waiting {
                if !told.contains(&src)
                    && let Some(socket) = self.server.clients.get(&src).map(|client| client.socket)
                {
                    self.server_says(socket, MessageType::Expire, &dst, None);
                    told.push(src);
                }
            }
        }
        let silent = |client: &Client| client.last_ping + ALIVE_TIMEOUT <= now;
        let dead: Vec<usize> = self
            .server
            .clients
            .values()
            .filter(|client| silent(client))
            .map(|client| client.socket)
            .collect();
        self.server.clients.retain(|_, client| !silent(client));
        for socket in dead {
            self.wire(Wire::Dropped { socket });
        }
    }

    fn server_says(&mut self, socket: usize, kind: MessageType, src: &str, payload: Option<Note>) {
        if !self.server.lines_cut.contains(&socket) {
            self.wire(Wire::Down { socket, message: Message { kind, peer: src.into(), payload } });
        }
    }
}
