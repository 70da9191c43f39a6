//! The receiving side of a connection of the Rust API, without a browser.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::rc::Rc;

use peerjs_wasm::codec::{Format, Frame, Receiver};
use peerjs_wasm::proto::inbound::{LIMIT, Received, Scratch};

#[derive(Clone)]
pub struct Bytes(pub Rc<[u8]>);

impl Frame for Bytes {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn copy(&self, at: u32, into: &mut [u8]) {
        into.copy_from_slice(&self.0[at as usize..][..into.len()]);
    }
}

pub struct End {
    receiver: Receiver<Bytes>,
    scratch: Scratch,
    pub now: f64,
}

impl End {
    pub fn new(format: Format) -> Self {
        Self::limited(format, LIMIT)
    }

    pub fn limited(format: Format, limit: u64) -> Self {
        Self { receiver: Receiver::new(format, limit), scratch: Scratch::new(), now: 0.0 }
    }

    /// Receives a frame, and returns the result and the messages that it completes.
    pub fn frame(&mut self, bytes: &[u8]) -> (Received, Vec<Vec<u8>>) {
        let (frame, mut come) = (Bytes(bytes.into()), Vec::new());
        let now = || self.now;
        let mut received = self.receiver.frame(&mut self.scratch, &frame, now, |bytes| come.push(bytes));
        while received == Received::Unfinished {
            received = self.receiver.resume(&mut self.scratch, |bytes| come.push(bytes));
        }
        (received, come)
    }

    /// Receives a valid frame, and returns the messages that it completes.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let (received, come) = self.frame(bytes);
        assert_eq!(received, Received::Nothing);
        come
    }
}
