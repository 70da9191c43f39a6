//! What a connection asks its owner to do.

use super::control::{BranchMessage, Said};
use super::negotiation::Side;
use super::resume::Cause;
use crate::proto::error::ConnectionError;
use crate::proto::message::MessageType;
use crate::proto::time::Millis;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// The function `config` has not answered in time.
    ConfigLate,
    /// Make the control channel: a data channel with `negotiated: true` and [`super::CONTROL_CHANNEL`] as its id.
    OpenControl,
    /// Make a description, set it, and report its SDP with [`super::Connection::settled`].
    SetLocal(Side),
    /// Set a description of the remote and report that with [`super::Connection::settled`].
    SetRemote(Side, String),
    /// Roll the local offer back and report that with [`super::Connection::settled`].
    Rollback,
    /// Have the next offer restart ICE: call `restartIce()`.
    RestartIce,
    /// Add a candidate of the remote, which is JSON. If that fails, it is only worth a line in the log.
    AddCandidate(String),
    /// Send the first offer, with this SDP, through the signalling server; [`super::Identity::offer`] makes its payload.
    Offer(String),
    /// Send this payload, which is JSON, through the signalling server.
    Signal(MessageType, String),
    /// Send this over the control channel.
    SendControl(String),
    /// Send this payload, which is JSON, in a CANDIDATE frame if the signalling server can be reached now. It need not wait
    /// for the server: what must arrive is sent again.
    Relay(String),
    /// From now on the connection has a limited time to find a path.
    AwaitPath,
    /// There is a path to the remote, or the call was answered: the limited time is over.
    FoundPath,
    /// Tell the application that the connection is open.
    Open,
    /// Tell the application that the path is lost, and why it is looked for another one.
    Reconnecting(Cause),
    /// Tell the application that there is a path again, after so many milliseconds.
    Reconnected(Millis),
    /// Tell the application that the remote will see at once when this end closes the call.
    WillCloseOnRemote,
    /// Tell the application why the connection ends.
    Error(ConnectionError),
    /// Tell the application of the error that the browser gave last; that is why the connection ends.
    BrowserError,
    /// Tell the application what was not sent, if anything. If the connection is not broken but was closed, only what the
    /// channel never got counts: a browser tells late what it has sent.
    ReportUnsent {
        /// Whether there is no path any longer.
        broken: bool,
    },
    /// Tell the application that the connection is about to close. It may call [`super::Connection::close`] itself.
    Ending,
    /// Close what the browser has of the connection: after the remote has agreed, if `graceful`, or at once.
    Shut {
        /// Whether the remote is waited for.
        graceful: bool,
    },
    /// Tell the application that the connection is closed, unless it is `expected`: a data connection that it has
    /// closed itself before it was open.
    Closed {
        /// Whether the application need not be told.
        expected: bool,
    },
    /// The reply to a ping came after so many milliseconds; or it will not come.
    Pong(u32, Option<Millis>),
    /// The remote takes this many bytes in all over the data channel.
    Limit(u64),
    /// The remote, or the core, says something of the branch of that number. If it is opened, have the Peer make a
    /// connection of what is said; if that is none, say so, and that it is closed. If it is accepted, it is open. If it is over
    /// or has failed, close it.
    Branch(BranchMessage),
    /// Close all branches at once: the RTCPeerConnection closes.
    EndBranches {
        /// Whether it has failed.
        failed: bool,
    },
    /// Close what belongs to this connection alone, and tell the application that it is closed; its branches stay. Report
    /// with [`super::Connection::parted`] that it is done.
    Leave,
    /// Say this of this branch to the remote, with [`super::Connection::say`] of its carrier.
    Say(Said),
    /// A line for the log, at level 2.
    Warn(&'static str),
}
