//! Acknowledgements of offers over a transport that does not say that a peer is not there.
//!
//! An offer is acknowledged by whatever its receiver sends back. A call rings until somebody takes it, so that it is
//! acknowledged at once, apart; another offer only if nothing else has been sent to its sender for a while.

use super::message::{ConnectionType, MessageType};
use super::time::{Millis, NEVER, earlier};

/// What an acknowledgement that is a message of its own has as its type.
pub const HERE: &str = "HERE";
/// An offer without an acknowledgement for so long was not delivered: a PeerServer keeps it as long.
const EXPIRY: Millis = 5_000.0;
/// An offer that nothing else has answered in this time is acknowledged apart.
const QUIET: Millis = 1_000.0;
/// So many offers of remote peers wait for their acknowledgement; those beyond are acknowledged at once.
const WAITING: usize = 256;

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub enum Due {
    /// Send [`HERE`] to this peer.
    Acknowledge(String),
    /// Tell the Peer that nobody has taken its offer to this one.
    Expire(String),
}

/// The offers of one registered peer that wait for their acknowledgement.
#[derive(Debug, Default)]
pub struct Acknowledgements {
    /// Our offers by their receivers, and when they expire. As many as the application makes in [`EXPIRY`].
    ours: Vec<(String, Millis)>,
    /// The offers of remote peers by their senders, and when they are acknowledged apart.
    theirs: Vec<(String, Millis)>,
}

impl Acknowledgements {
    /// This peer sends a message to `peer`.
    pub fn sent(&mut self, kind: MessageType, peer: &str, now: Millis) {
        forget(&mut self.theirs, peer);
        if kind == MessageType::Offer && !self.ours.iter().any(|(known, _)| known == peer) {
            self.ours.push((peer.into(), now + EXPIRY));
        }
    }

    /// A message of `peer` has come: of a type that the Peer is to be told, or another. Whether it is to be acknowledged
    /// now.
    pub fn received(
        &mut self,
        kind: Option<MessageType>,
        offers: Option<ConnectionType>,
        peer: &str,
        now: Millis,
    ) -> bool {
        forget(&mut self.ours, peer);
        if kind != Some(MessageType::Offer) {
            return false;
        }
        if offers == Some(ConnectionType::Media) || self.theirs.len() >= WAITING {
            return true;
        }
        if !self.theirs.iter().any(|(known, _)| known == peer) {
            self.theirs.push((peer.into(), now + QUIET));
        }
        false
    }

    /// When [`Acknowledgements::due`] has something.
    pub fn deadline(&self) -> Millis {
        // Each list is in the order of its times.
        let first = |list: &[(String, Millis)]| list.first().map_or(NEVER, |(_, at)| *at);
        earlier(first(&self.ours), first(&self.theirs))
    }

    /// One thing that is due, taken out.
    pub fn due(&mut self, now: Millis) -> Option<Due> {
        if let Some(peer) = take(&mut self.ours, now) {
            return Some(Due::Expire(peer));
        }
        take(&mut self.theirs, now).map(Due::Acknowledge)
    }
}

fn forget(list: &mut Vec<(String, Millis)>, peer: &str) {
    list.retain(|(known, _)| known != peer);
}

fn take(list: &mut Vec<(String, Millis)>, now: Millis) -> Option<String> {
    let (_, at) = list.first()?;
    (*at <= now).then(|| list.remove(0).0)
}

/// What only a peer may say to a peer. Everything else is the transport's own word, which a peer cannot forge.
pub fn is_from_peers(kind: MessageType) -> bool {
    matches!(kind, MessageType::Offer | MessageType::Answer | MessageType::Candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: Option<MessageType> = Some(MessageType::Offer);
    const DATA: Option<ConnectionType> = Some(ConnectionType::Data);

    #[test]
    fn an_offer_expires_unless_something_comes_back() {
        let mut it = Acknowledgements::default();
        it.sent(MessageType::Offer, "bob", 0.0);
        it.sent(MessageType::Offer, "carol", 1.0);
        it.sent(MessageType::Candidate, "dave", 2.0);
        assert_eq!(it.deadline(), EXPIRY);
        assert_eq!(it.due(EXPIRY - 1.0), None);
        // An acknowledgement is no message that the Peer is told.
        assert!(!it.received(None, None, "bob", 10.0));
        assert_eq!(it.deadline(), EXPIRY + 1.0);
        assert_eq!(it.due(EXPIRY + 1.0), Some(Due::Expire("carol".into())));
        assert_eq!((it.due(1e9), it.deadline()), (None, NEVER));
    }

    #[test]
    fn an_offer_is_acknowledged_by_its_answer_or_after_a_while() {
        let mut it = Acknowledgements::default();
        assert!(!it.received(OFFER, DATA, "bob", 0.0));
        assert!(!it.received(OFFER, DATA, "carol", 0.0));
        it.sent(MessageType::Answer, "bob", 1.0);
        assert_eq!(it.deadline(), QUIET);
        assert_eq!(it.due(QUIET), Some(Due::Acknowledge("carol".into())));
        assert_eq!(it.due(1e9), None);
    }

    #[test]
    fn a_call_is_acknowledged_at_once_and_so_are_offers_beyond_the_limit() {
        let mut it = Acknowledgements::default();
        assert!(it.received(OFFER, Some(ConnectionType::Media), "bob", 0.0));
        for n in 0..10 * WAITING {
            assert_eq!(it.received(OFFER, DATA, &n.to_string(), 0.0), n >= WAITING);
        }
        let mut acknowledged = 0;
        while it.due(QUIET).is_some() {
            acknowledged += 1;
        }
        assert_eq!(acknowledged, WAITING);
    }
}
