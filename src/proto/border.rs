//! Numbers that JavaScript and Rust hand to each other. The tags of the tapes are in
//! [`codec::tape`](crate::proto::codec::tape).
//!
//! JavaScript has them from `js/border/`, as it has the limits and names that both sides need: `tests/border.rs` writes
//! those files.

/// What a frame leads to, as `ConnectionHandle::receive` tells the page.
pub mod received {
    /// Nothing to do before the next frame.
    pub const NOTHING: u32 = 0;
    /// A value is complete. It has to be read before anything else.
    pub const VALUE: u32 = 1;
    /// An array of messages is complete. It has to be read before anything else.
    pub const BATCH: u32 = 2;
    /// There is more to decode, in another task.
    pub const UNFINISHED: u32 = 3;
}

/// Bits of the state of a Peer, as `PeerHandle::state` tells it.
pub mod state {
    /// The server knows the Peer.
    pub const OPEN: u32 = 1;
    /// The Peer has left the server, or has lost it.
    pub const DISCONNECTED: u32 = 2;
    /// The Peer is destroyed.
    pub const DESTROYED: u32 = 4;
}

/// Parts of the memory of the read tape, as `tape_address` takes them.
pub mod area {
    /// The slots.
    pub const SLOTS: usize = 0;
    /// The text area.
    pub const TEXT: usize = 1;
    /// The window.
    pub const WINDOW: usize = 2;
}

/// Levels of the log, which are PeerJS's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum LogLevel {
    /// Something has failed.
    Errors = 1,
    /// Something was ignored or is wrong.
    Warnings = 2,
    /// Anything else.
    All = 3,
}
