//! Connections that share an RTCPeerConnection: see `crate::proto::connection::branches`.

use std::rc::Rc;

use js_sys::{JSON, Object};
use wasm_bindgen::prelude::*;

use super::Connection;
use crate::proto::connection::Connection as Core;
use crate::proto::connection::control::{BranchMessage, Said};
use crate::proto::connection::end::Reason;
use crate::proto::error::ConnectionError;
use crate::proto::message::ConnectionType;
use crate::web::face::ConnectionEvent;
use crate::web::js::{now, object, set};
use crate::web::promise::settle;

/// Whose RTCPeerConnection a branch shares, and its number there.
pub(crate) type Place = (Rc<Connection>, u16);

/// The branches of a carrier.
pub(super) type Branches = Vec<(u16, Rc<Connection>)>;

impl Connection {
    /// How many more connections may share the RTCPeerConnection; None if the remote knows no such.
    pub(crate) fn room(&self) -> Option<usize> {
        self.carrier().core.borrow().room()
    }

    /// The place of a new connection over the RTCPeerConnection of this one. None if there is no room, or it is closed.
    pub(crate) fn claim(self: &Rc<Self>, kind: ConnectionType) -> Option<Place> {
        let carrier = self.trunk();
        let number = carrier.input(|core| core.add_branch(kind))?;
        Some((Rc::clone(carrier), number))
    }

    /// The connection that has the RTCPeerConnection: the carrier of a branch, or this one.
    pub(super) fn carrier(&self) -> &Self {
        self.setup.place.as_ref().map_or(self, |(carrier, _)| carrier)
    }

    /// The same, to be told something.
    pub(super) fn trunk(self: &Rc<Self>) -> &Rc<Self> {
        self.setup.place.as_ref().map_or(self, |(carrier, _)| carrier)
    }

    /// Its number, if it is a branch; 0 otherwise.
    pub(super) fn number(&self) -> u16 {
        self.setup.place.as_ref().map_or(0, |(_, number)| *number)
    }

    /// The same for each connection that uses the RTCPeerConnection.
    pub(super) fn tell_all(&self, tell: &dyn Fn(&Self)) {
        tell(self);
        let branches = self.branches.borrow().clone();
        branches.iter().for_each(|(_, branch)| tell(branch));
    }

    /// How many bytes have left the buffers of all channels, unless those are empty.
    pub(super) fn drained(&self) -> Option<u64> {
        let branches = self.branches.borrow();
        let mut all = self.channel.outbound.drained();
        for (_, branch) in branches.iter() {
            if let Some(drained) = branch.channel.outbound.drained() {
                all = Some(all.unwrap_or_default() + drained);
            }
        }
        all
    }

    /// Begins as a branch: makes the data channel, or announces or answers a call.
    pub(super) fn begin_branch(self: &Rc<Self>) {
        if self.setup.kind == ConnectionType::Media {
            self.carrier().hear_tracks();
            return self.input(Core::start);
        }
        let channel = Object::assign(&Object::default(), &self.setup.channel);
        set(&channel, "negotiated", &true.into());
        set(&channel, "id", &self.number().into());
        let made = match self.rtc() {
            Some(pc) => pc.create_data_channel(&self.setup.label, &channel),
            None => Err(JsValue::UNDEFINED),
        };
        match made {
            Ok(channel) => self.tell(ConnectionEvent::Channel(&channel)),
            // Later, when whoever is about to get this connection has had a chance to listen.
            Err(error) => self.fail_later(error),
        }
    }

    /// The remote, or the core, says something of a branch.
    pub(super) fn heard_of(self: &Rc<Self>, message: &BranchMessage) {
        let number = message.number;
        let kind = match message.said {
            Said::Data => ConnectionType::Data,
            Said::Media => ConnectionType::Media,
            said => {
                if let Some(branch) = self.find(number) {
                    match said {
                        Said::Accept => branch.opened(),
                        Said::End => branch.close(Reason::Remote),
                        _ => branch.close(Reason::Failed(ConnectionError::NegotiationFailed)),
                    }
                }
                return;
            }
        };
        let offer = JSON::parse(&message.json).ok().filter(JsValue::is_object);
        let made = offer.is_some_and(|offer| {
            let place: Place = (Rc::clone(self), number);
            self.peer.offer_over(Box::new(place), &self.remote, kind, offer)
        });
        if !made {
            self.tell_remote(number, Said::Failed, String::new());
            self.input(|core| core.branch_closed(number));
        }
    }

    pub(super) fn end_branches(&self, failed: bool) {
        let branches = self.branches.borrow().clone();
        for (_, branch) in branches {
            // There is nobody whose agreement could be waited for.
            branch.input(Core::abandon);
            branch.close(match failed {
                true => Reason::Failed(ConnectionError::ConnectionClosed),
                false => Reason::Done,
            });
        }
    }

    /// Closes what belongs to this connection alone.
    pub(super) fn leave(self: &Rc<Self>) {
        self.input(|core| core.say_left(now()));
        self.tell(ConnectionEvent::Closed { news: true });
        self.listener.take();
        let this = Rc::clone(self);
        self.channel.outbound.part(move || {
            this.channel.close();
            this.input(Core::parted);
        });
    }

    /// Says something of this branch to the remote.
    pub(super) fn say(self: &Rc<Self>, said: Said) {
        let json = match said {
            Said::Data | Said::Media => self.description(),
            _ => Ok(String::new()),
        };
        let result = json.and_then(|json| match self.trunk().tell_remote(self.number(), said, json) {
            true => Ok(()),
            false => Err(JsError::new("What is said of a connection may have 16 KiB as JSON.").into()),
        });
        if let Err(error) = result {
            self.fail_later(error);
        }
    }

    #[inline(never)]
    fn tell_remote(self: &Rc<Self>, number: u16, said: Said, json: String) -> bool {
        self.input(|core| core.say(&BranchMessage { number, said, json }, now()))
    }

    /// What the remote is told of a new connection, as JSON.
    fn description(&self) -> Result<String, JsValue> {
        let setup = &self.setup;
        let all = object([
            ("connectionId", &(&self.id).into()),
            ("metadata", &setup.metadata),
            ("label", &(&setup.label).into()),
            ("reliable", &setup.reliable.into()),
            ("serialization", &self.serialization().into()),
            ("channel", &setup.channel),
        ]);
        JSON::stringify(&all).map(String::from)
    }

    /// Nothing of this branch is left on this end.
    pub(super) fn end_as_branch(&self) {
        let Some((carrier, number)) = &self.setup.place else { return };
        self.channel.close_unopened();
        let place = carrier.branches.borrow().iter().position(|(known, _)| known == number);
        if let Some(place) = place {
            let branch = carrier.branches.borrow_mut().remove(place);
            carrier.input(|core| core.branch_closed(*number));
            drop(branch);
        }
    }

    pub(super) fn fail_later(self: &Rc<Self>, error: JsValue) {
        let this = Rc::clone(self);
        settle(Err(error), move |result| {
            this.browser_error.replace(result.err().unwrap_or_default());
            this.close(Reason::Browser);
        });
    }

    #[inline(never)]
    pub(super) fn find(&self, number: u16) -> Option<Rc<Self>> {
        let branches = self.branches.borrow();
        branches.iter().find(|(known, _)| *known == number).map(|(_, branch)| Rc::clone(branch))
    }
}
