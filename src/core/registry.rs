//! Which connection is which, and what came too early for one.
//!
//! A connection is known by the far peer *and* its connection id, so that a peer cannot reach another's. What a
//! stranger can make us keep is bounded in count and age.

use super::connection::Stage;
use super::message::Message;
use super::time::Millis;

/// A connection, for as long as it is registered.
pub type Key = u32;

/// A connection that is not ready (an unanswered call) keeps this many messages: some ten times what browsers send.
const WAITING_PER_CONNECTION: usize = 128;
/// So many unknown connections may have messages before their offer comes.
const EARLY_CONNECTIONS: usize = 64;
/// An offer that is not there so long after its first candidate never comes.
const EARLY_AGE: Millis = 30_000.0;
/// A peer may have this many unopened connections with us; a page that needs more at once is not a page.
const UNOPENED_PER_PEER: usize = 64;
/// And all peers together this many: half of what Chromium gives a page, so that it has some left for its own.
const UNOPENED: usize = 256;

struct Waiting<P> {
    peer: String,
    id: String,
    messages: Vec<Message<P>>,
}

impl<P> Waiting<P> {
    fn is(&self, peer: &str, id: &str) -> bool {
        self.peer == peer && self.id == id
    }

    fn keep(&mut self, message: Message<P>) -> bool {
        let room = self.messages.len() < WAITING_PER_CONNECTION;
        if room {
            self.messages.push(message);
        }
        room
    }
}

struct Entry<P> {
    key: Key,
    stage: Stage,
    /// Whether its RTCPeerConnection exists, so that it can take messages.
    ready: bool,
    waiting: Waiting<P>,
}

impl<P> Entry<P> {
    fn is(&self, peer: &str, id: &str) -> bool {
        self.stage != Stage::Closed && self.waiting.is(peer, id)
    }
}

/// What is to be done with a message for a connection.
#[derive(Debug, PartialEq)]
pub enum Route<P> {
    /// Give it to this connection.
    Deliver(Key, Message<P>),
    /// It is kept until the connection is ready.
    Kept,
    /// There was no room for it.
    Dropped,
}

/// All connections of a Peer.
pub struct Registry<P> {
    next: Key,
    entries: Vec<Entry<P>>,
    early: Vec<(Millis, Waiting<P>)>,
}

impl<P> Default for Registry<P> {
    fn default() -> Self {
        Self { next: 0, entries: Vec::new(), early: Vec::new() }
    }
}

impl<P> Registry<P> {
    /// Registers a connection. What came for it before it was there now waits for it to be ready.
    pub fn add(&mut self, peer: &str, id: &str) -> Key {
        let waiting = match self.early.iter().position(|(_, early)| early.is(peer, id)) {
            Some(index) => self.early.remove(index).1,
            None => Waiting { peer: peer.into(), id: id.into(), messages: Vec::new() },
        };
        self.next = self.next.wrapping_add(1);
        let key = self.next;
        self.entries.push(Entry { key, stage: Stage::Negotiating, ready: false, waiting });
        key
    }

    /// The connection can take messages from now on; these are the ones that waited.
    pub fn set_ready(&mut self, key: Key) -> Vec<Message<P>> {
        self.entry(key).map_or_else(Vec::new, |entry| {
            entry.ready = true;
            std::mem::take(&mut entry.waiting.messages)
        })
    }

    /// Notes how far a connection has come.
    pub fn set_stage(&mut self, key: Key, stage: Stage) {
        if let Some(entry) = self.entry(key) {
            entry.stage = stage;
        }
    }

    /// Forgets a connection; true if it was there.
    pub fn remove(&mut self, key: Key) -> bool {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.key != key);
        self.entries.len() != before
    }

    /// Forgets what came early and for nothing.
    pub fn forget_stale(&mut self, now: Millis) {
        self.early.retain(|(since, _)| now - since < EARLY_AGE);
    }

    /// Forgets everything that came early.
    pub fn forget_early(&mut self) {
        self.early.clear();
    }

    /// The connection of that id with that peer, unless it is being closed.
    pub fn find(&self, peer: &str, id: &str) -> Option<Key> {
        self.entries.iter().find(|entry| entry.is(peer, id)).map(|entry| entry.key)
    }

    /// All connections, oldest first.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.entries.iter().map(|entry| entry.key)
    }

    /// The latest key given; later ones are greater.
    pub fn newest(&self) -> Key {
        self.next
    }

    /// Whether one more unopened connection with `peer` is too many.
    pub fn is_full_for(&self, peer: &str) -> bool {
        let unopened = || self.entries.iter().filter(|entry| entry.stage == Stage::Negotiating);
        unopened().count() >= UNOPENED
            || unopened().filter(|entry| entry.waiting.peer == peer).count() >= UNOPENED_PER_PEER
    }

    /// The next connection that `which` picks and that is not being closed already; it counts as closing now.
    pub fn close_next(&mut self, which: impl Fn(Key, &str, Stage) -> bool) -> Option<Key> {
        let entry = self.entries.iter_mut().find(|entry| {
            entry.stage != Stage::Closed && which(entry.key, &entry.waiting.peer, entry.stage)
        })?;
        entry.stage = Stage::Closed;
        Some(entry.key)
    }

    /// Finds the connection that `message` is for, or keeps it for a while.
    pub fn route(&mut self, id: &str, message: Message<P>, now: Millis) -> Route<P> {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.is(&message.peer, id)) {
            return match entry.ready {
                true => Route::Deliver(entry.key, message),
                false if entry.waiting.keep(message) => Route::Kept,
                false => Route::Dropped,
            };
        }
        let index = self.early.iter().position(|(_, early)| early.is(&message.peer, id));
        let index = index.unwrap_or_else(|| {
            if self.early.len() == EARLY_CONNECTIONS {
                self.early.remove(0);
            }
            let early = Waiting { peer: message.peer.clone(), id: id.into(), messages: Vec::new() };
            self.early.push((now, early));
            self.early.len() - 1
        });
        if self.early[index].1.keep(message) { Route::Kept } else { Route::Dropped }
    }

    fn entry(&mut self, key: Key) -> Option<&mut Entry<P>> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }
}
