//! Descriptions and candidates: has the browser make and set them, and tells the core when it has.

use std::rc::{Rc, Weak};

use js_sys::{JSON, Object, Promise};
use wasm_bindgen::prelude::*;

use super::Connection;
use super::rtc::Rtc;
use super::setup::function;
use crate::proto::border::LogLevel;
use crate::proto::connection::negotiation::{Candidate, Side};
use crate::web::js::{get, get_text, now, object};
use crate::web::promise::{self, promise};

/// JS functions that hear how the browser's operations end: of one operation after the other, and of all candidates.
pub(super) struct Settle {
    done: JsValue,
    failed: JsValue,
    candidate_failed: JsValue,
}

/// What comes after the operation that is under way.
#[derive(Clone, Copy, Default)]
pub(super) enum Then {
    /// It is all.
    #[default]
    Nothing,
    /// What it has made is to be transformed and set.
    Set(Side),
    /// What it has made and set is to be reported.
    Report,
}

impl Settle {
    pub(super) fn new(connection: &Weak<Connection>) -> Self {
        let told = |told: fn(&Rc<Connection>, JsValue)| {
            let connection = connection.clone();
            promise::function(move |value| {
                if let Some(connection) = connection.upgrade() {
                    told(&connection, value);
                }
            })
        };
        Self {
            done: told(Connection::operation_done),
            failed: told(Connection::browser_failed),
            // Anybody can send any candidate; one that makes no sense does not end what works without it.
            candidate_failed: told(|this, error| {
                this.peer.log(LogLevel::Warnings, "Failed to add ICE candidate", &error)
            }),
        }
    }
}

impl Connection {
    /// Makes a description and sets it.
    pub(super) fn set_local(&self, side: Side) {
        let Some(pc) = self.rtc() else { return };
        let constraints = &self.setup.constraints;
        let plain = side == Side::Answer || !constraints.is_truthy();
        if plain && function(&self.transform.borrow()).is_none() {
            // Where the application has no say in it, the browser is a millisecond faster by itself.
            return self.operate(pc.set_local_description(&JsValue::UNDEFINED), Then::Report);
        }
        let made = match side {
            Side::Offer => pc.create_offer(constraints),
            Side::Answer => pc.create_answer(),
        };
        self.operate(made, Then::Set(side));
    }

    /// Sets a description of the remote.
    pub(super) fn set_remote(&self, side: Side, sdp: &str) {
        if let Some(pc) = self.rtc() {
            let description = description(side, &sdp.into());
            self.operate(pc.set_remote_description(&description), Then::Nothing);
        }
    }

    /// Rolls the local offer back.
    pub(super) fn roll_back(&self) {
        if let Some(pc) = self.rtc() {
            let description = object([("type", &"rollback".into())]);
            self.operate(pc.set_local_description(&description), Then::Nothing);
        }
    }

    /// Adds a candidate of the remote.
    pub(super) fn add_candidate(&self, json: &str) {
        let Some(pc) = self.rtc() else { return };
        let added = JSON::parse(json).and_then(|candidate| pc.add_ice_candidate(&candidate));
        let failed = self.settle.borrow().as_ref().map(|settle| settle.candidate_failed.clone());
        promise(added).or_else(&failed.unwrap_or_default());
    }

    /// The browser has found a candidate, or has found them all.
    pub(super) fn found_candidate(self: &Rc<Self>, candidate: &JsValue) {
        // An empty one only says that there are no more.
        if !get(candidate, "candidate").is_truthy() {
            return;
        }
        let json = JSON::stringify(candidate).map(String::from).unwrap_or_default();
        let ufrag = get_text(candidate, "usernameFragment").unwrap_or_default();
        self.input(|core| core.local_candidate(&Candidate { ufrag, json }, now()));
    }

    /// The browser, or what the application has given it, has failed with this error.
    pub(super) fn browser_failed(self: &Rc<Self>, error: JsValue) {
        self.browser_error.replace(error);
        self.input(|core| core.settled(Err(())));
    }

    pub(super) fn rtc(&self) -> Option<Rtc> {
        self.pc().map(JsCast::unchecked_into)
    }

    /// Waits for an operation of the browser that has begun.
    #[inline(never)]
    fn operate(&self, begun: Result<Promise, JsValue>, then: Then) {
        self.then.set(then);
        let settle = self.settle.borrow().as_ref().map(|settle| (settle.done.clone(), settle.failed.clone()));
        if let Some((done, failed)) = settle {
            promise(begun).then(&done, &failed);
        }
    }

    fn operation_done(self: &Rc<Self>, value: JsValue) {
        let sdp = match self.then.take() {
            Then::Nothing => String::new(),
            Then::Set(side) => return self.set_made(side, &get(&value, "sdp")),
            Then::Report => {
                let description = self.pc().map(|pc| get(&pc, "localDescription")).unwrap_or_default();
                get_text(&description, "sdp").unwrap_or_default()
            }
        };
        self.input(|core| core.settled(Ok(sdp)));
    }

    /// Sets the description that was made, or what the application makes of it.
    fn set_made(self: &Rc<Self>, side: Side, sdp: &JsValue) {
        let transform = self.transform.borrow().clone();
        let mut sdp = sdp.clone();
        if let Some(transform) = function(&transform) {
            match transform.call1(&JsValue::UNDEFINED, &sdp) {
                Ok(changed) if changed.is_truthy() => sdp = changed,
                Ok(_) => {}
                Err(error) => return self.browser_failed(error),
            }
        }
        if let Some(pc) = self.rtc() {
            self.operate(pc.set_local_description(&description(side, &sdp)), Then::Report);
        }
    }
}

fn description(side: Side, sdp: &JsValue) -> Object {
    object([("type", &side.as_str().into()), ("sdp", sdp)])
}
