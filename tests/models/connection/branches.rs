//! Branches, as their owner in the browser has them.

use peerjs_wasm::proto::connection::control::{BranchMessage, Said};
use peerjs_wasm::proto::message::ConnectionType;

use super::Half;

impl Half {
    /// Opens a branch and announces it; gives its number.
    pub fn open(&mut self, call: bool, now: f64) -> Option<u16> {
        let (kind, said) = match call {
            true => (ConnectionType::Media, Said::Media),
            false => (ConnectionType::Data, Said::Data),
        };
        let number = self.core.add_branch(kind)?;
        self.branches.push((number, call));
        assert!(self.core.say(&BranchMessage { number, said, json: "{}".into() }, now));
        Some(number)
    }

    /// Says something of one of its branches; it is closed if that is its end.
    pub fn say(&mut self, nth: u8, said: Said, now: f64) {
        if self.branches.is_empty() {
            return;
        }
        let nth = usize::from(nth) % self.branches.len();
        let (number, _) = self.branches[nth];
        self.core.say(&BranchMessage { number, said, json: String::new() }, now);
        if said != Said::Accept {
            self.branches.remove(nth);
            self.core.branch_closed(number);
        }
    }

    pub fn hear(&mut self, message: &BranchMessage, now: f64) {
        let BranchMessage { number, said, .. } = *message;
        self.told.push((number, said));
        match said {
            Said::Data | Said::Media => {
                assert!(!self.has(number), "{number} twice");
                self.branches.push((number, said == Said::Media));
            }
            Said::Accept => assert!(self.has(number)),
            Said::End | Said::Failed => {
                if said == Said::Failed {
                    self.core.say(&BranchMessage { number, said, json: String::new() }, now);
                }
                self.branches.retain(|(known, _)| *known != number);
                self.core.branch_closed(number);
            }
        }
    }

    /// The place of one of its calls.
    pub fn call(&self) -> Option<u8> {
        self.branches.iter().position(|(_, call)| *call).map(|nth| nth as u8)
    }

    fn has(&self, number: u16) -> bool {
        self.branches.iter().any(|(known, _)| *known == number)
    }
}
