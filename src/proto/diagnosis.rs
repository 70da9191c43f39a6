//! Why a connection has failed, as far as one end can tell. `js/diagnosis.js` has the same rules for the npm package, and
//! `tests/diagnosis.txt` cases for both.

/// What stands before the type of a candidate.
const TYPE: &[u8] = b" typ ";

/// How many candidates a description has, by their type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CandidateCount {
    /// Addresses of the machine itself.
    pub host: u32,
    /// Addresses that a STUN server sees.
    pub server_reflexive: u32,
    /// Addresses that the other peer sees.
    pub peer_reflexive: u32,
    /// Addresses of a TURN server.
    pub relay: u32,
}

impl CandidateCount {
    /// Counts the candidates in an SDP.
    pub fn of(sdp: &str) -> Self {
        let mut count = Self::default();
        for word in sdp.as_bytes().windows(TYPE.len() + 4) {
            let Some(name) = word.strip_prefix(TYPE) else { continue };
            match name {
                b"host" => count.host += 1,
                b"srfl" => count.server_reflexive += 1,
                b"prfl" => count.peer_reflexive += 1,
                b"rela" => count.relay += 1,
                _ => {}
            }
        }
        count
    }
}

/// What is to be done about a connection that has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Advice {
    /// No direct path was found, and no TURN server is configured.
    TurnNeeded,
    /// A TURN server is configured, and gave no relay.
    TurnUnreachable,
    /// The TURN server refuses the credentials.
    TurnRefused,
    /// There was a relay, and no path even so.
    RelayFailed,
    /// The remote has not answered.
    NoAnswer,
    /// The remote has answered, and named no address.
    NoCandidates,
    /// The connection was open, and its path is lost.
    PathLost,
    /// This peer is not at its server, so that nothing could be agreed on.
    SignallingLost,
}

/// What one end knows of a connection that has failed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// Whether it was open.
    pub was_open: bool,
    /// Whether this peer is registered at its server.
    pub is_registered: bool,
    /// Whether a TURN server is configured.
    pub has_turn: bool,
    /// Whether a TURN server has refused the credentials.
    pub is_refused: bool,
    /// The candidates of this end.
    pub local: CandidateCount,
    /// The SDP of the remote, if it has come.
    pub remote: Option<&'a str>,
}

/// Whether these bytes are in a text. The search of std is some KB of wasm.
pub fn contains(text: &str, bytes: &[u8]) -> bool {
    text.as_bytes().windows(bytes.len()).any(|part| part == bytes)
}

impl Facts<'_> {
    /// What is to be done.
    pub fn advice(&self) -> Advice {
        let unless_lost = |advice| if self.is_registered { advice } else { Advice::SignallingLost };
        if self.was_open {
            return unless_lost(Advice::PathLost);
        }
        let Some(remote) = self.remote else { return unless_lost(Advice::NoAnswer) };
        if self.has_turn && self.local.relay == 0 {
            if self.is_refused { Advice::TurnRefused } else { Advice::TurnUnreachable }
        } else if !contains(remote, TYPE) {
            unless_lost(Advice::NoCandidates)
        } else if self.local.relay == 0 && CandidateCount::of(remote).relay == 0 {
            Advice::TurnNeeded
        } else {
            Advice::RelayFailed
        }
    }
}
