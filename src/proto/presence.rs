//! Presence of other peers: what a transport says, as the changes that a reader has not seen yet.

use std::collections::{BTreeMap, VecDeque};

/// How many peers are known at most. Those beyond are not told of.
pub const MOST: usize = 100_000;
/// Longer ids are ignored, in bytes.
pub const LONGEST_ID: usize = 1024;

/// The peers that are online, and those of which the reader does not know yet that they have come or gone.
///
/// A peer that comes and goes between two readings takes no more memory than one that came.
#[derive(Debug, Default)]
pub struct Roster {
    /// Those that are online, or were when the reader was told of them last.
    peers: BTreeMap<String, Known>,
    /// The ids to look at, each once, in the order of their first change.
    changed: VecDeque<String>,
}

#[derive(Debug)]
struct Known {
    is_online: bool,
    /// What the reader was told last.
    told: bool,
    /// Whether the id is in `changed`.
    waits: bool,
}

impl Roster {
    /// The transport says that a peer is online or not.
    pub fn said(&mut self, id: &str, is_online: bool) {
        let Some(peer) = self.peers.get_mut(id) else {
            if is_online && self.peers.len() < MOST && id.len() <= LONGEST_ID {
                self.peers.insert(id.into(), Known { is_online, told: false, waits: true });
                self.changed.push_back(id.into());
            }
            return;
        };
        peer.is_online = is_online;
        if !peer.waits && peer.told != is_online {
            peer.waits = true;
            self.changed.push_back(id.into());
        }
    }

    /// The transport is lost, so that nobody is known to be online.
    pub fn lost(&mut self) {
        for (id, peer) in &mut self.peers {
            peer.is_online = false;
            if !peer.waits {
                peer.waits = true;
                self.changed.push_back(id.clone());
            }
        }
    }

    /// The next peer that has come or gone since the reader was told of it last, and whether it is online now.
    pub fn next_change(&mut self) -> Option<(String, bool)> {
        loop {
            let id = self.changed.pop_front()?;
            let Some(peer) = self.peers.get_mut(&id) else { continue };
            peer.waits = false;
            let (is_online, told) = (peer.is_online, peer.told);
            peer.told = is_online;
            if !is_online {
                self.peers.remove(&id);
            }
            if is_online != told {
                return Some((id, is_online));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(roster: &mut Roster) -> Vec<(String, bool)> {
        std::iter::from_fn(|| roster.next_change()).collect()
    }

    fn changes(list: &[(&str, bool)]) -> Vec<(String, bool)> {
        list.iter().map(|(id, is_online)| ((*id).into(), *is_online)).collect()
    }

    #[test]
    fn the_reader_is_told_of_each_change_once() {
        let mut roster = Roster::default();
        for (id, is_online) in [("bob", true), ("carol", true), ("bob", true), ("dave", false)] {
            roster.said(id, is_online);
        }
        assert_eq!(all(&mut roster), changes(&[("bob", true), ("carol", true)]));
        roster.said("carol", true);
        roster.said("bob", false);
        assert_eq!(all(&mut roster), changes(&[("bob", false)]));
        assert_eq!(roster.peers.len(), 1);
    }

    #[test]
    fn a_peer_that_has_come_and_gone_again_is_no_news() {
        let mut roster = Roster::default();
        roster.said("carol", true);
        assert_eq!(all(&mut roster), changes(&[("carol", true)]));
        for _ in 0..1000 {
            roster.said("bob", true);
            roster.said("bob", false);
            roster.said("carol", false);
            roster.said("carol", true);
        }
        assert_eq!(roster.changed.len(), 2);
        assert_eq!(all(&mut roster), []);
        assert_eq!(roster.peers.len(), 1);
    }

    #[test]
    fn without_the_transport_all_are_offline() {
        let mut roster = Roster::default();
        roster.said("bob", true);
        assert_eq!(all(&mut roster), changes(&[("bob", true)]));
        roster.said("carol", true);
        roster.lost();
        assert_eq!(all(&mut roster), changes(&[("bob", false)]));
        assert!(roster.peers.is_empty());
        roster.said("bob", true);
        assert_eq!(all(&mut roster), changes(&[("bob", true)]));
    }

    #[test]
    fn no_more_than_the_limit_are_kept() {
        let mut roster = Roster::default();
        for n in 0..MOST + 9 {
            roster.said(&n.to_string(), true);
        }
        assert_eq!(roster.peers.len(), MOST);
        roster.said("0", false);
        assert_eq!(all(&mut roster).len(), MOST - 1);
        roster.said(&"x".repeat(LONGEST_ID + 1), true);
        assert_eq!(all(&mut roster), []);
        roster.said(&"x".repeat(LONGEST_ID), true);
        assert_eq!(all(&mut roster).len(), 1);
    }
}
