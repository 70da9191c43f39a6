//! Which connection is which, and what came too early for one.
//!
//! A connection is known by the far peer *and* its connection id, so that a peer cannot reach another's. What a
//! stranger can make us keep is bounded in count and age.

use super::connection::{PATIENCE, Stage};
use super::message::{Message, MessageType};
use super::time::{Millis, NEVER, earlier};

/// A connection, for as long as it is registered.
pub type Key = u32;

/// A connection that is not ready (an unanswered call) keeps this many messages: some ten times what browsers send.
const WAITING_PER_CONNECTION: usize = 128;
/// So many unknown connections may have messages before their offer comes.
const EARLY_CONNECTIONS: usize = 64;
/// An offer that is not there so long after its first candidate never comes.
const EARLY_AGE: Millis = 30_000.0;
/// How many connections that one peer has offered may be unopened at once.
const UNOPENED_PER_PEER: usize = 64;
/// How many connections that all peers have offered may be unopened at once: half of the RTCPeerConnections that Chromium
/// allows a page, the rest is the page's own.
const UNOPENED: usize = 256;
/// A call that nobody has answered for so long may be closed to take another offer.
pub const RING: Millis = 60_000.0;
/// So many offers are known again when they come once more: as many as a `u8` counts.
const KNOWN_OFFERS: usize = 256;
/// The deadline of what has some time as soon as the server takes our messages.
const WAITING: Millis = f64::MAX;

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
    /// When it has failed if it is not open by then.
    deadline: Millis,
    /// When the remote peer offered it, and how many unopened connections that peer had already; None if it is ours.
    offered: Option<(Millis, usize)>,
    waiting: Waiting<P>,
}

impl<P> Entry<P> {
    fn is(&self, peer: &str, id: &str) -> bool {
        self.stage != Stage::Closed && self.waiting.is(peer, id)
    }
}

/// Whether one more offer can be taken.
#[derive(Debug, PartialEq)]
pub enum Room {
    /// It can.
    Free,
    /// It can once this unanswered call is closed, which counts as closing now.
    Evict(Key),
    /// It cannot.
    Full,
}

/// What is to be done with a message for a connection.
#[derive(Debug, PartialEq)]
pub enum Route<P> {
    /// Give it to this connection.
    Deliver(Key, Message<P>),
    /// The same, and the connection can take what waited for this.
    Answer(Key, Message<P>),
    /// There was an answer already.
    Repeated,
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
    /// The marks of the latest offers, in a ring.
    offers: [u32; KNOWN_OFFERS],
    newest_offer: u8,
}

impl<P> Default for Registry<P> {
    fn default() -> Self {
        Self { next: 0, entries: Vec::new(), early: Vec::new(), offers: [0; KNOWN_OFFERS], newest_offer: 0 }
    }
}

impl<P> Registry<P> {
    /// Registers a connection, whose offer came at `offered` if it is not ours. Messages that came for it already now
    /// wait until it is ready.
    pub fn add(&mut self, peer: &str, id: &str, offered: Option<Millis>) -> Key {
        let waiting = match self.early.iter().position(|(_, early)| early.is(peer, id)) {
            Some(index) => self.early.remove(index).1,
            None => Waiting { peer: peer.into(), id: id.into(), messages: Vec::new() },
        };
        self.next = self.next.wrapping_add(1);
        let key = self.next;
        let offered = offered.map(|now| (now, self.unopened(peer).1));
        self.entries.push(Entry {
            key,
            stage: Stage::Negotiating,
            ready: false,
            deadline: NEVER,
            offered,
            waiting,
        });
        key
    }

    /// The connection can take messages from now on; these are the ones that waited.
    pub fn set_ready(&mut self, key: Key) -> Vec<Message<P>> {
        self.entry(key).map_or_else(Vec::new, |entry| {
            entry.ready = true;
            std::mem::take(&mut entry.waiting.messages)
        })
    }

    /// Notes how far a connection has come: that is in time.
    pub fn set_stage(&mut self, key: Key, stage: Stage) {
        if let Some(entry) = self.entry(key) {
            entry.stage = stage;
            entry.deadline = NEVER;
        }
    }

    /// How far a connection has come; one that is forgotten is over.
    pub fn stage(&self, key: Key) -> Stage {
        self.entries.iter().find(|entry| entry.key == key).map_or(Stage::Closed, |entry| entry.stage)
    }

    /// A connection has some time from now on, or from when the server takes messages: that is told with
    /// [`Registry::begin_deadlines`].
    pub fn set_deadline(&mut self, key: Key, now: Option<Millis>) {
        if let Some(entry) = self.entry(key) {
            entry.deadline = now.map_or(WAITING, |now| now + PATIENCE);
        }
    }

    /// The server takes messages.
    pub fn begin_deadlines(&mut self, now: Millis) {
        for entry in &mut self.entries {
            if entry.deadline == WAITING {
                entry.deadline = now + PATIENCE;
            }
        }
    }

    /// When [`Registry::close_overdue`] or [`Registry::forget_stale`] finds something.
    pub fn deadline(&self) -> Millis {
        let early = self.early.first().map_or(WAITING, |(since, _)| since + EARLY_AGE);
        let first = self.entries.iter().fold(early, |first, entry| earlier(first, entry.deadline));
        if first == WAITING { NEVER } else { first }
    }

    /// The next connection whose time is over; it counts as closing now.
    pub fn close_overdue(&mut self, now: Millis) -> Option<Key> {
        let entry = self.entries.iter_mut().find(|entry| entry.deadline <= now)?;
        entry.deadline = NEVER;
        entry.stage = Stage::Closed;
        Some(entry.key)
    }

    /// Whether an offer comes for the first time, as far as can be remembered. No two have the same SDP.
    pub fn is_new(&mut self, sdp: &str) -> bool {
        // FNV-1a. Who could make two alike would only keep an offer of their own from being taken.
        let mut mark = 0x811c_9dc5_u32;
        for byte in sdp.bytes() {
            mark = (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
        let new = !self.offers.contains(&mark);
        if new {
            self.offers[usize::from(self.newest_offer)] = mark;
            self.newest_offer = self.newest_offer.wrapping_add(1);
        }
        new
    }

    /// Forgets a connection; true if it was there.
    pub fn remove(&mut self, key: Key) -> bool {
        let place = self.entries.iter().position(|entry| entry.key == key);
        place.map(|place| self.entries.remove(place)).is_some()
    }

    /// Forgets what came early and for nothing.
    pub fn forget_stale(&mut self, now: Millis) {
        while self.early.first().is_some_and(|(since, _)| since + EARLY_AGE <= now) {
            self.early.remove(0);
        }
    }

    /// Forgets everything that came early.
    pub fn forget_early(&mut self) {
        self.early.clear();
    }

    /// The connection of that id with that peer, unless it is being closed.
    pub fn find(&self, peer: &str, id: &str) -> Option<Key> {
        self.entries.iter().find(|entry| entry.is(peer, id)).map(|entry| entry.key)
    }

    /// Whether there are connections with this peer, and all of them are open.
    pub fn is_open_only(&self, peer: &str) -> bool {
        let mut stages =
            self.entries.iter().filter(|entry| entry.waiting.peer == peer).map(|entry| entry.stage);
        stages.next() == Some(Stage::Open) && stages.all(|stage| stage == Stage::Open)
    }

    /// All connections, oldest first.
    pub fn keys(&self) -> impl Iterator<Item = Key> {
        self.entries.iter().map(|entry| entry.key)
    }

    /// The latest key given; later ones are greater.
    pub fn newest(&self) -> Key {
        self.next
    }

    /// Whether one more offer of `peer` can be taken.
    ///
    /// An unanswered call is evicted when it has rung for [`RING`], or for a peer that has fewer unopened connections
    /// than the caller had when it called. So a few peers cannot keep all others out, and since each such eviction leaves
    /// a smaller count than it found, peers cannot evict each other without end.
    pub fn room_for(&mut self, peer: &str, now: Millis) -> Room {
        let (all, own) = self.unopened(peer);
        let crowded = own >= UNOPENED_PER_PEER;
        if !crowded && all < UNOPENED {
            return Room::Free;
        }
        let evicted = self.entries.iter_mut().find(|entry| {
            let rings = entry.stage == Stage::Negotiating && !entry.ready && entry.deadline == NEVER;
            rings
                && (!crowded || entry.waiting.peer == peer)
                && entry.offered.is_some_and(|(since, before)| before > own + 1 || now - since >= RING)
        });
        evicted.map_or(Room::Full, |entry| {
            entry.stage = Stage::Closed;
            Room::Evict(entry.key)
        })
    }

    /// How many offered connections are unopened: of all peers, and of `peer`.
    fn unopened(&self, peer: &str) -> (usize, usize) {
        let unopened = || {
            self.entries.iter().filter(|entry| entry.stage == Stage::Negotiating && entry.offered.is_some())
        };
        (unopened().count(), unopened().filter(|entry| entry.waiting.peer == peer).count())
    }

    /// The next connection that `which` picks and that is not being closed already; it counts as closing now.
    pub fn close_next(&mut self, which: impl Fn(Key, &str, Stage) -> bool) -> Option<Key> {
        let entry = self.entries.iter_mut().find(|entry| {
            entry.stage != Stage::Closed && which(entry.key, &entry.waiting.peer, entry.stage)
        })?;
        entry.stage = Stage::Closed;
        entry.deadline = NEVER;
        Some(entry.key)
    }

    /// Finds the connection that `message` is for, or keeps it for a while.
    pub fn route(&mut self, id: &str, message: Message<P>, now: Millis) -> Route<P> {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.is(&message.peer, id)) {
            let answer = message.kind == MessageType::Answer;
            return match entry.ready {
                true if answer => Route::Repeated,
                true => Route::Deliver(entry.key, message),
                false if answer => Route::Answer(entry.key, message),
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
