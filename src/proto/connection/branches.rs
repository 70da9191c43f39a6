//! Connections that share the RTCPeerConnection of another one, their *carrier*.
//!
//! A branch is a [`Connection`] of its own, which [`Connection::share`] makes it: it has an id, a stage and an end like any other,
//! but negotiates nothing. What it says to the remote goes over the carrier's link, and names it by its number, which is
//! also the id of its data channel. Each end takes numbers of its own parity, so that they never choose the same.
//!
//! | | the end that opens it | the other end |
//! | --- | --- | --- |
//! | data | makes the channel, announces the branch when that is open | makes the channel, accepts when that is open |
//! | media | announces it, sends its tracks when it is accepted | accepts when the application answers |
//!
//! The RTCPeerConnection lives as long as anything uses it. A carrier whose own connection was closed before its branches
//! has *left*: nothing is told of it any more, but it negotiates, pings and resumes for them.

use super::control::{BranchMessage, Said, write_branch};
use super::end::Reason;
use super::{Connection, METADATA, Output, PATIENCE, Stage};
use crate::proto::message::ConnectionType;
use crate::proto::time::{Millis, NEVER, earlier};

/// How many branches each end may have opened at once over one RTCPeerConnection.
pub const BRANCHES: usize = 32;

/// The numbers of branches: behind the control channel and what may yet be beside it, and below the 256 streams that
/// Firefox negotiates. Twice as many as there may be branches, so that none comes again soon after it was in use.
const FIRST: u16 = 102;
const NUMBERS: u16 = 4 * BRANCHES as u16;

/// How far ahead of its time a remote may be with opening branches, and the time that each takes, in milliseconds: it may
/// open 160 at once and ten in a second from then on.
const AHEAD: Millis = 16_000.0;
const PER_BRANCH: Millis = 100.0;

/// For so long a carrier that nothing uses waits for a branch of which the remote has said that it comes, in milliseconds.
const KEPT: Millis = 10_000.0;

struct Branch {
    number: u16,
    kind: ConnectionType,
    /// Whether this end has opened it and the remote has not accepted it yet.
    pending: bool,
    /// When that is waited for no longer.
    due: Millis,
}

/// What a carrier knows of its branches.
pub(super) struct Branches {
    live: Vec<Branch>,
    /// The number that this end has taken last.
    last: u16,
    /// Whether the carrier's own connection has been closed, and its channel too.
    left: bool,
    parted: bool,
    /// Until when a branch of the remote is waited for.
    kept: Millis,
    /// The time that the remote's branches have taken up.
    opened_until: Millis,
    /// Whether the carrier has failed.
    pub broken: bool,
}

impl Default for Branches {
    fn default() -> Self {
        Self {
            live: Vec::new(),
            last: 0,
            left: false,
            parted: false,
            kept: NEVER,
            opened_until: 0.0,
            broken: false,
        }
    }
}

impl Branches {
    fn find(&mut self, number: u16) -> Option<&mut Branch> {
        self.live.iter_mut().find(|branch| branch.number == number)
    }

    /// Whether the RTCPeerConnection is still of use when the carrier's own connection is closed.
    pub fn are_used(&self) -> bool {
        !self.live.is_empty() || self.kept < NEVER
    }

    /// Whether there is a call among them.
    pub fn has_call(&self) -> bool {
        self.live.iter().any(|branch| branch.kind == ConnectionType::Media)
    }

    pub fn deadline(&self) -> Millis {
        self.live.iter().fold(self.kept, |first, branch| earlier(first, branch.due))
    }
}

/// Branches as their carrier sees them.
impl Connection {
    /// How many more branches this end may open; None if the remote does not know them.
    pub fn room(&self) -> Option<usize> {
        let own = self.branches.live.iter().filter(|branch| self.is_ours(branch.number)).count();
        self.features.share().then_some(BRANCHES - own.min(BRANCHES))
    }

    /// Takes a number for a branch that this end opens, if there is room and the carrier is open.
    pub fn add_branch(&mut self, kind: ConnectionType) -> Option<u16> {
        if self.stage != Stage::Open || self.room().unwrap_or_default() == 0 {
            return None;
        }
        let parity = u16::from(self.is_incoming());
        let number = loop {
            self.branches.last = (self.branches.last + 2) % NUMBERS;
            let number = FIRST + self.branches.last + parity;
            if self.branches.find(number).is_none() {
                break number;
            }
        };
        self.branches.live.push(Branch { number, kind, pending: true, due: NEVER });
        Some(number)
    }

    /// Tells the remote something of a branch. False if it is longer than [`METADATA`].
    pub fn say(&mut self, message: &BranchMessage, now: Millis) -> bool {
        match self.branches.find(message.number) {
            Some(branch) if message.said == Said::Data => branch.due = now + PATIENCE,
            Some(_) => {}
            None => return true,
        }
        let fits = message.json.len() <= METADATA;
        if fits && self.stage == Stage::Open {
            self.send(write_branch(message), now);
            self.watch_call(now);
        }
        fits
    }

    /// Nothing of a branch is left on this end.
    pub fn branch_closed(&mut self, number: u16) {
        if let Some(index) = self.branches.live.iter().position(|branch| branch.number == number) {
            self.branches.live.remove(index);
        }
        self.finish_if_unused();
    }

    /// The carrier's own connection has left: the remote is to keep the RTCPeerConnection for branches that it may not know
    /// yet.
    pub fn say_left(&mut self, now: Millis) {
        let awaits = self.branches.live.iter().any(|branch| branch.pending);
        let json = if awaits { "1" } else { "" }.into();
        let message = BranchMessage { number: 0, said: Said::End, json };
        if self.stage == Stage::Open {
            self.send(write_branch(&message), now);
        }
    }

    /// Nothing is left of the carrier's own connection.
    pub fn parted(&mut self) {
        self.branches.parted = true;
        self.finish_if_unused();
    }

    /// The carrier's own connection is closed, and its branches stay.
    pub(super) fn leave(&mut self, reason: Reason) {
        if std::mem::replace(&mut self.branches.left, true) {
            return;
        }
        if reason == Reason::Remote || self.is_reconnecting() {
            self.tell(Output::ReportUnsent { broken: false });
        }
        if reason != Reason::Local {
            self.tell(Output::Ending);
        }
        self.tell(Output::Leave);
    }

    /// The control channel has closed, as it does when the remote's browser closes the RTCPeerConnection. Channels of
    /// branches close by themselves.
    pub(super) fn lose_branches(&mut self) {
        if self.stage == Stage::Closed {
            return;
        }
        for index in 0..self.branches.live.len() {
            let Branch { number, kind, pending, .. } = self.branches.live[index];
            if kind == ConnectionType::Media || pending {
                self.tell_of(number, Said::End);
            }
        }
        self.keep_no_longer();
    }

    /// The remote says something of a branch, or that its end of the carrier's own connection has left.
    pub(super) fn hear_of(&mut self, message: BranchMessage, now: Millis) {
        if !self.features.share() {
            return;
        }
        let BranchMessage { number, mut said, .. } = message;
        let ours = self.is_ours(number);
        match (said, self.branches.find(number)) {
            (Said::Data | Said::Media, None) if !ours => return self.offered(message, now),
            (Said::Accept, Some(branch)) if branch.pending => {
                branch.pending = false;
                branch.due = NEVER;
                self.watch_call(now);
            }
            (Said::Failed, Some(branch)) if branch.pending => {}
            (Said::End | Said::Failed, Some(_)) => said = Said::End,
            (Said::End, None) if number == 0 => {
                if !message.json.is_empty() {
                    self.branches.kept = now + KEPT;
                }
                // The end of a data connection is that of its channel, behind everything that was sent.
                if self.identity.kind == ConnectionType::Media {
                    self.close(Reason::Remote);
                }
                return;
            }
            _ => return,
        }
        self.tell_of(number, said);
    }

    /// Ends what was waited for in vain.
    pub(super) fn tick_branches(&mut self, now: Millis) {
        for index in 0..self.branches.live.len() {
            let branch = &mut self.branches.live[index];
            if branch.due <= now {
                branch.due = NEVER;
                let number = branch.number;
                self.tell_of(number, Said::Failed);
            }
        }
        if self.branches.kept <= now {
            self.keep_no_longer();
        }
    }

    fn offered(&mut self, message: BranchMessage, now: Millis) {
        let number = message.number;
        let theirs = self.branches.live.iter().filter(|branch| !self.is_ours(branch.number)).count();
        let valid = (FIRST..FIRST + NUMBERS).contains(&number) && message.json.len() <= METADATA;
        let early = self.branches.opened_until - now > AHEAD;
        if self.stage != Stage::Open || !valid || early || theirs >= BRANCHES {
            let refusal = BranchMessage { number, said: Said::Failed, json: String::new() };
            self.send(write_branch(&refusal), now);
            return;
        }
        self.branches.opened_until = self.branches.opened_until.max(now) + PER_BRANCH;
        self.branches.kept = NEVER;
        let kind = if message.said == Said::Data { ConnectionType::Data } else { ConnectionType::Media };
        self.branches.live.push(Branch { number, kind, pending: false, due: NEVER });
        self.tell(Output::Branch(message));
    }

    fn tell_of(&mut self, number: u16, said: Said) {
        self.tell(Output::Branch(BranchMessage { number, said, json: String::new() }));
    }

    fn keep_no_longer(&mut self) {
        self.branches.kept = NEVER;
        self.finish_if_unused();
    }

    fn finish_if_unused(&mut self) {
        if self.branches.parted && !self.branches.are_used() {
            self.finish();
        }
    }

    fn is_ours(&self, number: u16) -> bool {
        number % 2 == u16::from(self.is_incoming())
    }
}

/// A branch itself.
impl Connection {
    /// It shares the RTCPeerConnection of another one.
    pub fn share(&mut self) {
        self.shares = true;
        self.connected = true;
    }

    /// A branch begins: a call is offered or was answered. A data connection waits for its channel.
    pub(super) fn start_branch(&mut self) {
        if self.identity.kind == ConnectionType::Media {
            self.introduce();
        }
    }

    /// The data channel of a branch is open.
    pub(super) fn branch_channel_opened(&mut self) {
        if self.stage == Stage::Negotiating {
            self.introduce();
            if self.is_incoming() {
                self.opened();
            }
        }
    }

    fn introduce(&mut self) {
        self.tell(Output::Say(match self.identity.kind {
            _ if self.is_incoming() => Said::Accept,
            ConnectionType::Data => Said::Data,
            ConnectionType::Media => Said::Media,
        }));
    }
}
