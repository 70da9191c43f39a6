//! A model of the signaling of an RTCPeerConnection: W3C WebRTC 1.0, sections 4.3 and 4.4.
//!
//! Only an offer announces tracks, those of its own end: an answerer adds tracks with an offer of its own.

use std::collections::BTreeSet;

use peerjs_wasm::proto::connection::negotiation::Side;

pub type Tracks = BTreeSet<u8>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Stable,
    HaveLocalOffer,
    HaveRemoteOffer,
}

/// An operation that is pending in the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    SetLocal(Side),
    SetRemote(Side, String),
    Rollback,
}

#[derive(Debug)]
pub struct Pc {
    pub state: State,
    /// The tracks that this end wants to send.
    pub tracks: Tracks,
    /// The tracks of this end that are negotiated.
    pub agreed: Tracks,
    /// The tracks that the other end sends.
    pub remote: Tracks,
    offered: Tracks,
    offered_to_us: Tracks,
    pub operation: Option<Operation>,
    /// Whether the event `negotiationneeded` is due.
    pub needed: bool,
    descriptions: u32,
    /// Makes its passwords different from the other end's.
    name: &'static str,
    /// Tells which browser it is.
    origin: &'static str,
}

impl Pc {
    pub fn new(name: &'static str, origin: &'static str) -> Self {
        Self {
            state: State::Stable,
            tracks: Tracks::new(),
            agreed: Tracks::new(),
            remote: Tracks::new(),
            offered: Tracks::new(),
            offered_to_us: Tracks::new(),
            operation: None,
            needed: false,
            descriptions: 0,
            name,
            origin,
        }
    }

    /// The application adds a track or removes it.
    pub fn toggle(&mut self, track: u8) {
        if !self.tracks.remove(&track) {
            self.tracks.insert(track);
        }
        self.look();
    }

    pub fn begin(&mut self, operation: Operation) {
        assert_eq!(self.operation, None, "two operations at once: {operation:?}");
        self.operation = Some(operation);
    }

    /// Carries out the pending operation, if it is possible.
    pub fn finish(&mut self) -> Result<String, ()> {
        let operation = self.operation.take().ok_or(())?;
        let sdp = match (operation, self.state) {
            (Operation::SetLocal(Side::Offer), State::Stable) => {
                self.state = State::HaveLocalOffer;
                self.offered = self.tracks.clone();
                self.describe(&self.offered.clone())
            }
            (Operation::SetLocal(Side::Answer), State::HaveRemoteOffer) => {
                self.state = State::Stable;
                self.remote = self.offered_to_us.clone();
                self.describe(&Tracks::new())
            }
            (Operation::SetRemote(Side::Offer, sdp), State::Stable | State::HaveLocalOffer) => {
                self.state = State::HaveRemoteOffer;
                self.offered_to_us = tracks(&sdp);
                String::new()
            }
            (Operation::SetRemote(Side::Answer, _), State::HaveLocalOffer) => {
                self.state = State::Stable;
                self.agreed = self.offered.clone();
                String::new()
            }
            (Operation::Rollback, State::HaveLocalOffer | State::HaveRemoteOffer) => {
                self.state = State::Stable;
                String::new()
            }
            _ => return Err(()),
        };
        self.look();
        Ok(sdp)
    }

    fn look(&mut self) {
        self.needed = self.state == State::Stable && self.tracks != self.agreed;
    }

    fn describe(&mut self, tracks: &Tracks) -> String {
        self.descriptions += 1;
        let media = if tracks.is_empty() { "" } else { "m=video 9\r\n" };
        let list = tracks.iter().map(u8::to_string).collect::<Vec<_>>().join(",");
        format!(
            "v=0\r\no={2}\r\na=ice-ufrag:u{0}\r\na=ice-pwd:{1}{0}\r\na=tracks:{list}\r\n{media}",
            self.descriptions, self.name, self.origin
        )
    }
}

fn tracks(sdp: &str) -> Tracks {
    let list = sdp.lines().find_map(|line| line.strip_prefix("a=tracks:")).unwrap_or_default();
    list.split(',').filter_map(|track| track.parse().ok()).collect()
}
