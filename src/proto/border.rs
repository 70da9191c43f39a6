//! Numbers that cross the border between JavaScript and Rust. The tags of the tapes are in
//! [`codec::tape`](crate::proto::codec::tape).
//!
//! JavaScript imports them from `js/border/`, as well as limits and names that both sides need. `tests/border.rs`
//! generates these files.

/// Results of `ConnectionHandle::receive`: what the caller does next.
pub mod received {
    /// The caller waits for the next frame.
    pub const NOTHING: u32 = 0;
    /// A value is complete. The caller must read it before the next call.
    pub const VALUE: u32 = 1;
    /// An array of messages is complete. The caller must read it before the next call.
    pub const BATCH: u32 = 2;
    /// More of the received data can be decoded. The caller calls again in another task.
    pub const UNFINISHED: u32 = 3;
}

/// Bits of the state of a Peer, as returned by `PeerHandle::state`.
pub mod state {
    /// The Peer is registered.
    pub const OPEN: u32 = 1;
    /// The Peer has disconnected from the server, or has lost it.
    pub const DISCONNECTED: u32 = 2;
    /// The Peer is destroyed.
    pub const DESTROYED: u32 = 4;
}

/// Parts of the memory of the read tape: arguments of `tape_address`.
pub mod area {
    /// The slots.
    pub const SLOTS: usize = 0;
    /// The text area.
    pub const TEXT: usize = 1;
    /// The window.
    pub const WINDOW: usize = 2;
}

/// Levels of the log, with the numbers of PeerJS.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LogLevel {
    /// An operation has failed.
    Errors = 1,
    /// Input was ignored, or the application does something that is probably wrong.
    Warnings = 2,
    /// Any other entry.
    All = 3,
}
