//! A model of what a transport of the application's own needs beside a Peer: acknowledgements of offers, and who is there.

use std::collections::{BTreeMap, BTreeSet};

use arbitrary::{Arbitrary, Result, Unstructured};
use peerjs_wasm::proto::acknowledge::{Acknowledgements, Due, is_from_peers};
use peerjs_wasm::proto::message::{ConnectionType, MessageType};
use peerjs_wasm::proto::presence::Roster;
use peerjs_wasm::proto::time::NEVER;

const EXPIRY: f64 = 5_000.0;
const QUIET: f64 = 1_000.0;
const WAITING: usize = 256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Offer,
    Call,
    Answer,
    Candidate,
    /// What a peer may not say, or what is unknown.
    Other,
}

impl Kind {
    fn known(self) -> Option<MessageType> {
        match self {
            Self::Offer | Self::Call => Some(MessageType::Offer),
            Self::Answer => Some(MessageType::Answer),
            Self::Candidate => Some(MessageType::Candidate),
            Self::Other => None,
        }
    }

    fn offers(self) -> Option<ConnectionType> {
        match self {
            Self::Offer => Some(ConnectionType::Data),
            Self::Call => Some(ConnectionType::Media),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
enum Op {
    Send(Kind, u8),
    Receive(Kind, u8),
    /// Offers of so many strangers.
    Flood(u16),
    Wait(u16),
    Said(u8, bool),
    Lost,
    Read(u8),
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind = |u: &mut Unstructured<'a>| {
            Ok(*u.choose(&[Kind::Offer, Kind::Call, Kind::Answer, Kind::Candidate, Kind::Other])?)
        };
        Ok(match u.int_in_range(0..=15)? {
            0..=3 => Self::Send(kind(u)?, u.int_in_range(0..=7)?),
            4..=7 => Self::Receive(kind(u)?, u.int_in_range(0..=7)?),
            8 => Self::Flood(u.int_in_range(0..=600)?),
            9..=11 => Self::Wait(u.int_in_range(0..=6_000)?),
            12..=13 => Self::Said(u.int_in_range(0..=7)?, u.arbitrary()?),
            14 => Self::Read(u.int_in_range(0..=9)?),
            _ => Self::Lost,
        })
    }
}

/// What a transport, its peers and the time do. Every offer is answered, acknowledged or expires, once and in time; a
/// reader who has read all that there is knows who is online.
#[derive(Clone, Debug, Arbitrary)]
pub struct Traffic(Vec<Op>);

impl Traffic {
    pub fn run(self) {
        let mut world = World::default();
        for op in self.0 {
            world.apply(op);
        }
        world.wait(EXPIRY);
        assert!(world.ours.is_empty() && world.theirs.is_empty());
        assert_eq!(world.list.deadline(), NEVER, "something waits for ever");
        world.read(usize::MAX);
        assert_eq!(world.told, world.online);
    }
}

#[derive(Default)]
struct World {
    list: Acknowledgements,
    now: f64,
    strangers: usize,
    /// When our offers to these peers expire.
    ours: BTreeMap<String, f64>,
    /// When the offers of these peers are to be acknowledged.
    theirs: BTreeMap<String, f64>,
    roster: Roster,
    online: BTreeSet<String>,
    told: BTreeSet<String>,
}

impl World {
    fn apply(&mut self, op: Op) {
        match op {
            Op::Send(kind, peer) => self.send(kind, &peer.to_string()),
            Op::Receive(kind, peer) => self.receive(kind, &peer.to_string()),
            Op::Flood(count) => {
                for _ in 0..count {
                    self.strangers += 1;
                    let stranger = ["stranger ", &self.strangers.to_string()].concat();
                    self.receive(Kind::Offer, &stranger);
                }
            }
            Op::Wait(time) => self.wait(time.into()),
            Op::Said(peer, is_online) => {
                let id = peer.to_string();
                self.roster.said(&id, is_online);
                if is_online {
                    self.online.insert(id)
                } else {
                    self.online.remove(&id)
                };
            }
            Op::Lost => {
                self.roster.lost();
                self.online.clear();
            }
            Op::Read(count) => self.read(count.into()),
        }
        let first = self.ours.values().chain(self.theirs.values()).copied().fold(NEVER, f64::min);
        assert_eq!(self.list.deadline(), first, "woken too late, or for nothing");
        assert!(self.theirs.len() <= WAITING);
    }

    fn send(&mut self, kind: Kind, peer: &str) {
        let Some(known) = kind.known() else { return };
        self.list.sent(known, peer, self.now);
        self.theirs.remove(peer);
        if known == MessageType::Offer {
            self.ours.entry(peer.into()).or_insert(self.now + EXPIRY);
        }
    }

    fn receive(&mut self, kind: Kind, peer: &str) {
        assert!(kind.known().is_none_or(is_from_peers));
        let at_once = self.list.received(kind.known(), kind.offers(), peer, self.now);
        self.ours.remove(peer);
        let is_offer = matches!(kind, Kind::Offer | Kind::Call);
        assert_eq!(at_once, kind == Kind::Call || (is_offer && self.theirs.len() >= WAITING));
        if is_offer && !at_once {
            self.theirs.entry(peer.into()).or_insert(self.now + QUIET);
        }
    }

    /// Lets time pass as an owner does, who wakes at each deadline.
    fn wait(&mut self, time: f64) {
        let end = self.now + time;
        while self.list.deadline() <= end {
            self.now = self.now.max(self.list.deadline());
            let due = self.list.due(self.now);
            let at = match &due {
                Some(Due::Expire(peer)) => self.ours.remove(peer),
                Some(Due::Acknowledge(peer)) => self.theirs.remove(peer),
                None => None,
            };
            assert_eq!(at, Some(self.now), "{due:?}");
        }
        self.now = end;
        assert_eq!(self.list.due(self.now), None, "before its time");
    }

    fn read(&mut self, most: usize) {
        for _ in 0..most {
            let Some((id, is_online)) = self.roster.next_change() else {
                assert_eq!(self.told, self.online);
                return;
            };
            assert_eq!(is_online, self.online.contains(&id));
            let is_news = if is_online { self.told.insert(id) } else { self.told.remove(&id) };
            assert!(is_news, "told twice");
        }
    }
}
