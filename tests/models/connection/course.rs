//! Random actions on a connection, and random text.

use arbitrary::Arbitrary;
use peerjs_wasm::proto::connection::control::{Frame, parse_message};

use super::{FIREFOX, Op, Pair, ours, without_turns};

/// A sequence of actions on a connection.
#[derive(Clone, Debug, Arbitrary)]
pub struct Course {
    /// Whether the caller, and the callee, is in Firefox.
    firefox: [bool; 2],
    ops: Vec<Op>,
}

impl Course {
    /// Carries out all actions, and checks the result.
    pub fn run(self) {
        let [caller, callee] = self.firefox.map(|firefox| if firefox { FIREFOX } else { "-" });
        // Two of Firefox stand for two that know nothing of turns, too.
        let mut features = ours();
        if self.firefox == [true, true] {
            features = without_turns();
        }
        let mut pair = Pair::between(caller, callee, features);
        for op in self.ops {
            pair.perform(op);
        }
        pair.settle();
        pair.check();
    }
}

/// Parsing of any text does not panic, and a parsed message is written as the same text.
pub fn control(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(frame) = Frame::parse(&text) {
        assert_eq!(Frame::parse(&frame.write()), Some(frame.clone()));
        if let Frame::Data { number, message, .. } = frame {
            let _ = parse_message(number, message);
        }
    }
}
