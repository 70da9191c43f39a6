//! When the path to the remote counts as lost, when to look for another one, and when to give up.
//!
//! A browser says after 5 to 10 s that a path is dead. The core finds out in 2 to 3 s, but only while there is something to
//! lose: while a call is open, and after something was sent, it looks once a second whether anything shows that the path
//! works, and asks with a ping if not. A data connection over which nothing is sent has no timer and causes no traffic.

use super::wire::value_of;
use crate::proto::time::{Millis, NEVER, earlier};

/// How long a lost path is looked for before the connection ends, in milliseconds, unless the application chooses.
pub const TIMEOUT: Millis = 30_000.0;

/// How often it is looked whether the path works, in milliseconds. It is silent when the reply to a ping is missing for the
/// second time.
const LOOK: Millis = 1_000.0;

/// A look that comes so much too late says nothing of the path: the page had no time, and a reply may be waiting for it.
const LATE: Millis = 500.0;

/// A timer that comes so much too late means that the page or the whole machine was asleep.
const ASLEEP: Millis = 5_000.0;

/// The pauses before the attempts in a row, in milliseconds, as LiveKit has them; the last one repeats.
const PAUSES: [Millis; 6] = [0.0, 300.0, 1_200.0, 2_700.0, 4_800.0, 7_000.0];

/// An ICE restart has so long to find a path before another one ends its checks. One that the browser says has failed needs
/// no more time.
const CHECKS: Millis = 30_000.0;

/// How many times the whole time is given again in one search, because the page has slept or the browser has found a path
/// over which nothing came yet. Timers that are always late do not make it endless.
const RENEWALS: u8 = 4;

/// After so long without a loss the next one begins with the first pause again. Before that a remote that answers one ping
/// and not the next would have us restart all the time.
const CALM: Millis = 10_000.0;

/// Why a path is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Nothing comes over it.
    Silence,
    /// The browser says that it is lost.
    Ice,
    /// The machine is online again.
    Network,
}

impl Cause {
    /// What the application is told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::Ice => "ice",
            Self::Network => "network",
        }
    }
}

/// What happens outside of a connection that concerns its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The machine is online again, so that its addresses may be others.
    Online,
    /// The network or the page has changed in a way that a path may have survived.
    Changed,
    /// The signalling server takes messages again.
    Server,
}

/// How a connection is resumed.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// How long a lost path is looked for, in milliseconds; 0 if connections are not resumed.
    pub timeout: Millis,
    /// A number from 0 to 1 exclusive, another one each time.
    pub random: fn() -> f64,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Ask the remote whether it is there.
    Ask,
    /// Tell the application that the path is lost.
    Lost(Cause),
    /// Look for another path.
    Attempt,
    /// The time is over.
    GiveUp,
}

/// A path that is being looked for.
struct Search {
    since: Millis,
    /// When it is given up.
    end: Millis,
    /// When the next attempt is due.
    next: Millis,
    /// How many times more the whole time may be given again.
    renewals: u8,
}

impl Search {
    fn renew(&mut self, end: Millis) {
        if self.renewals > 0 {
            self.renewals -= 1;
            self.end = end;
        }
    }
}

/// What the first description of an end says of it.
#[derive(Default)]
pub(super) struct Described {
    /// What a frame to that end has to bring along that comes through the server: the ICE password, which only the two ends
    /// and the server know.
    pub key: String,
    /// Whether it is in Firefox, where ICE that has failed closes DTLS and SCTP for good: an ICE restart that finds no path does
    /// so although the old path might have come back. Restarts then wait for a reason.
    firefox: bool,
}

impl Described {
    #[inline(never)]
    pub fn new(sdp: &str) -> Self {
        Self { key: value_of(sdp, "a=ice-pwd:").into(), firefox: !value_of(sdp, "o=mozilla").is_empty() }
    }
}

/// What is known of the path.
pub(super) struct Resume {
    policy: Policy,
    /// Whether the other end is the first to restart.
    yields: bool,
    /// Whether there is a reason for an ICE restart: the browser has given the old path up, or the machine has another network.
    reason: bool,
    /// The ping that waits for its reply.
    pub asked: Option<u32>,
    /// How often in a row it was looked for in vain.
    missed: u8,
    /// When it is looked next whether the path works.
    look: Millis,
    /// How much had left the channel's buffer when that was looked at last, unless the buffer was empty.
    drained: Option<u64>,
    search: Option<Search>,
    /// How many attempts there were in a row.
    attempts: usize,
    /// When the latest renegotiation was agreed upon, if nothing has come over the path since and it has not failed.
    agreed: Millis,
    /// When a path was found last.
    found: Millis,
    /// What the first descriptions say of this end and of the remote.
    pub own: Described,
    pub their: Described,
}

impl Resume {
    pub fn new(policy: Policy, yields: bool) -> Self {
        Self {
            policy,
            yields,
            reason: false,
            asked: None,
            missed: 0,
            look: NEVER,
            drained: None,
            search: None,
            attempts: 0,
            agreed: -NEVER,
            found: -NEVER,
            own: Described::default(),
            their: Described::default(),
        }
    }

    pub fn is_wanted(&self) -> bool {
        self.policy.timeout > 0.0
    }

    pub fn is_searching(&self) -> bool {
        self.search.is_some()
    }

    /// Whether it is looked at times whether the path works.
    pub fn is_watching(&self) -> bool {
        self.look < NEVER
    }

    /// There is something to lose.
    pub fn watch(&mut self, now: Millis) {
        if self.search.is_none() && self.look == NEVER {
            self.look = now + LOOK;
            self.missed = 0;
        }
    }

    /// There is reason to doubt the path: asks at once.
    pub fn doubt(&mut self, now: Millis) {
        if self.search.is_none() {
            self.look = now;
            self.missed = 0;
        }
    }

    /// The next attempt is due now.
    pub fn hurry(&mut self, now: Millis) {
        if let Some(search) = &mut self.search {
            search.next = earlier(search.next, now);
        }
    }

    /// The browser says that the path works, so that the reply to the ping is on its way.
    pub fn revive(&mut self, now: Millis) {
        if let Some(search) = &mut self.search {
            search.renew(now + self.policy.timeout);
        }
    }

    /// Both ends have agreed on what may be an ICE restart.
    pub fn agreed(&mut self, now: Millis) {
        self.agreed = now;
        self.reason = false;
    }

    /// Whether nothing can come of it any longer once the browser says that the path has failed.
    pub fn ends_when_failed(&self) -> bool {
        self.own.firefox
    }

    /// There is a reason to look for another path, whatever is being tried.
    pub fn give_reason(&mut self) {
        self.reason = true;
        self.checked();
    }

    /// The browser says that the path has failed, which ends its checks: without another restart it would not notice that
    /// the network is back. The next one begins at once, if this one was given some time.
    pub fn failed(&mut self, now: Millis) {
        if now - self.agreed >= PAUSES[4] {
            self.hurry(now);
        }
        self.give_reason();
    }

    /// Something has come over the path, or the latest ICE restart has failed or is out of date: another one may begin.
    pub fn checked(&mut self) {
        self.agreed = -NEVER;
    }

    /// Whether an ICE restart does no harm: it would not end the checks of another one.
    pub fn may_restart(&self, now: Millis) -> bool {
        now - self.agreed >= CHECKS && (self.reason || !(self.own.firefox || self.their.firefox))
    }

    /// The reply to a ping came over the control channel: the path works. Gives for how long it was lost, if it was.
    pub fn replied(&mut self, id: u32, now: Millis) -> Option<Millis> {
        if self.asked != Some(id) {
            return None;
        }
        self.asked = None;
        self.missed = 0;
        self.look = NEVER;
        self.drained = None;
        self.reason = false;
        let search = self.search.take()?;
        self.found = now;
        Some(now - search.since)
    }

    /// The path is lost, or might be: looks for another one. Gives what is to be done.
    pub fn lose(&mut self, cause: Cause, now: Millis) -> Option<Step> {
        if self.search.is_some() {
            return None;
        }
        if now - self.found >= CALM {
            // Both ends notice at the same time. If one waits, they do not both begin.
            self.attempts = usize::from(self.yields && cause != Cause::Network);
        }
        let next = now + self.pause();
        self.look = NEVER;
        self.missed = 0;
        self.search = Some(Search { since: now, end: now + self.policy.timeout, next, renewals: RENEWALS });
        Some(Step::Lost(cause))
    }

    /// When [`Resume::tick`] has something to do.
    pub fn deadline(&self) -> Millis {
        self.search.as_ref().map_or(self.look, |search| earlier(search.next, search.end))
    }

    /// Time has passed. `drained` is how many bytes have left the channel's buffer in all, unless that is empty.
    pub fn tick(&mut self, now: Millis, drained: Option<u64>) -> Option<Step> {
        let late = now - self.deadline();
        if late < 0.0 {
            return None;
        }
        let moved = self.moved(drained);
        let Some(search) = &mut self.search else { return self.look(now, late, moved) };
        let end = now + self.policy.timeout;
        if late >= ASLEEP {
            search.next = now;
            search.renew(end);
        }
        if moved {
            search.end = end;
        }
        if search.end <= now {
            return Some(Step::GiveUp);
        }
        if search.next > now {
            return None;
        }
        let next = now + self.pause().max(PAUSES[1]);
        if let Some(search) = &mut self.search {
            search.next = next;
        }
        Some(Step::Attempt)
    }

    /// Whether something has left a buffer that was full, as it does when the remote's browser has acknowledged something.
    fn moved(&mut self, drained: Option<u64>) -> bool {
        let before = std::mem::replace(&mut self.drained, drained);
        before.is_some_and(|before| drained.is_none_or(|now| before < now))
    }

    fn look(&mut self, now: Millis, late: Millis, moved: bool) -> Option<Step> {
        self.look = now + LOOK;
        if moved || late >= LATE {
            self.missed = 0;
            return if moved { None } else { self.ask() };
        }
        if self.asked.is_some() {
            self.missed += 1;
            if self.missed >= 2 {
                return self.lose(Cause::Silence, now);
            }
        }
        self.ask()
    }

    fn ask(&self) -> Option<Step> {
        self.asked.is_none().then_some(Step::Ask)
    }

    /// The pause before the next attempt. Chance keeps many connections that were lost at once apart.
    fn pause(&mut self) -> Millis {
        let pause = PAUSES[self.attempts.min(PAUSES.len() - 1)];
        self.attempts += 1;
        pause * (0.5 + (self.policy.random)())
    }
}
