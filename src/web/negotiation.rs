//! Offer, answer and candidates: one after the other, so written one after the other.
//!
//! Specified by W3C WebRTC 1.0 (section 4.4) and by PeerJS's protocol. Whoever waits here may find afterwards that the
//! connection was closed meanwhile: then nothing more is done.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::RtcPeerConnection;

use super::connection::Connection;
use super::js::{get, get_text, object, rethrow_later, set};
use super::payload::JsPayload;
use crate::proto::error::ConnectionError;
use crate::proto::message::{
    ConnectionType, FEATURE_BATCH, FEATURE_CLOSE, Message, MessageType, wire_serialization,
};
use crate::proto::sdp::rejection;

/// Offers the connection to the far side.
pub(super) fn offer(connection: &Rc<Connection>, pc: &RtcPeerConnection) {
    let (this, pc) = (Rc::clone(connection), pc.clone());
    run(connection, async move {
        if this.peer.ask(|core| core.id() == Some(&this.far)) {
            return Err(JsError::new("A peer cannot connect to itself.").into());
        }
        let sdp = describe_locally(&this, &pc, "offer").await?;
        let payload = describe_sdp(&this, &sdp);
        set(&payload, "metadata", &get(&this.options, "metadata"));
        if this.kind == ConnectionType::Data {
            set(&payload, "label", &this.label().into());
            set(&payload, "reliable", &get(&this.options, "reliable").is_truthy().into());
            set(&payload, "serialization", &wire_serialization(&this.serialization()).into());
        }
        send(&this, MessageType::Offer, &payload)
    });
}

/// Answers the offer of the far side.
pub(super) fn answer(connection: &Rc<Connection>, pc: &RtcPeerConnection, offer: &JsValue) {
    // Called before this returns, so that candidates which are added next find it under way.
    let accepted = pc.set_remote_description(offer.unchecked_ref());
    let (this, pc) = (Rc::clone(connection), pc.clone());
    run(connection, async move {
        JsFuture::from(accepted).await?;
        let sdp = describe_locally(&this, &pc, "answer").await?;
        send(&this, MessageType::Answer, &describe_sdp(&this, &sdp))
    });
}

/// Takes what the far side says: its answer, or a candidate.
pub(super) fn receive(
    connection: &Rc<Connection>,
    pc: &RtcPeerConnection,
    kind: MessageType,
    payload: &JsValue,
) {
    if kind == MessageType::Answer {
        connection.answered(payload);
        if connection.kind == ConnectionType::Media {
            connection.opened();
        }
        let accepted = pc.set_remote_description(get(payload, "sdp").unchecked_ref());
        run(connection, async move { JsFuture::from(accepted).await.map(drop) });
    } else {
        let added: Promise = pc.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(
            get(payload, "candidate").unchecked_ref(),
        ));
        let this = Rc::clone(connection);
        run(connection, async move {
            // Anybody can send any candidate; one that makes no sense does not end what works without it.
            if let Err(error) = JsFuture::from(added).await {
                this.peer.log(2, "Failed to add ICE candidate", &error);
            }
            Ok(())
        });
    }
}

/// Tells the far side of a path to us.
pub(super) fn send_candidate(connection: &Rc<Connection>, candidate: &JsValue) {
    // An empty one only says that there are no more.
    if !get(candidate, "candidate").is_truthy() {
        return;
    }
    let payload = describe(connection, "candidate", candidate);
    if let Err(error) = send(connection, MessageType::Candidate, &payload) {
        connection.peer.log(1, "Failed to send ICE candidate", &error);
    }
}

/// Tells the far side that a connection will not be, which it could only find out by waiting. `failed`: nobody has closed it.
pub(super) fn withdraw(connection: &Connection, failed: bool) {
    let tell = |kind, payload: &JsValue| rethrow_later(post(connection, kind, payload));
    if !connection.is_incoming() || connection.understands(FEATURE_CLOSE) {
        if connection.is_incoming() || connection.is_announced() {
            let end =
                object([("candidate", &"".into()), ("sdpMid", &"0".into()), ("sdpMLineIndex", &0.into())]);
            let payload = describe(connection, "candidate", &end);
            set(&payload, "close", &true.into());
            set(&payload, "failed", &failed.into());
            tell(MessageType::Candidate, &payload);
        }
    } else if connection.kind == ConnectionType::Media {
        // PeerJS says that a call is closed if it was open, so that it has to be answered first,
        if !connection.is_announced() {
            let no = rejection(&get_text(&connection.offered(), "sdp").unwrap_or_default());
            let sdp = object([("type", &"answer".into()), ("sdp", &no.into())]);
            tell(MessageType::Answer, &describe(connection, "sdp", &sdp));
        }
        // and it closes one that is offered once more. No other comes of this offer: it says not of what type.
        tell(MessageType::Offer, &object([("connectionId", &(&connection.id).into())]));
    }
}

/// Fails the connection, after whoever is about to get it has had a chance to listen.
pub(super) fn fail_later(connection: &Rc<Connection>, error: JsValue) {
    run(connection, async move { Err(error) });
}

/// Makes an offer or an answer, sets it, and gives what the far side is to know of it.
async fn describe_locally(
    connection: &Connection,
    pc: &RtcPeerConnection,
    kind: &str,
) -> Result<JsValue, JsValue> {
    let constraints = get(&connection.options, "constraints");
    let transform = get(&connection.options, "sdpTransform").dyn_into::<Function>().ok();
    if transform.is_none() && (kind == "answer" || !constraints.is_truthy()) {
        // Where the application has no say in it, the browser is a millisecond faster by itself.
        JsFuture::from(pc.set_local_description(JsValue::UNDEFINED.unchecked_ref())).await?;
        return Ok(get(pc, "localDescription"));
    }
    let made = if kind == "answer" {
        pc.create_answer()
    } else {
        pc.create_offer_with_rtc_offer_options(constraints.unchecked_ref())
    };
    let mut sdp = get(&JsFuture::from(made).await?, "sdp");
    if let Some(transform) = transform {
        let changed = transform.call1(&JsValue::UNDEFINED, &sdp)?;
        if changed.is_truthy() {
            sdp = changed;
        }
    }
    let description = object([("type", &kind.into()), ("sdp", &sdp)]);
    JsFuture::from(pc.set_local_description(description.unchecked_ref())).await?;
    Ok(description.into())
}

/// What every payload says of its connection, and one thing more.
fn describe(connection: &Connection, name: &'static str, value: &JsValue) -> Object {
    object([
        (name, value),
        ("type", &connection.kind.as_str().into()),
        ("connectionId", &(&connection.id).into()),
    ])
}

/// The same for an offer or an answer, which also says what we understand.
fn describe_sdp(connection: &Connection, sdp: &JsValue) -> Object {
    let payload = describe(connection, "sdp", sdp);
    set(&payload, "features", &Array::of2(&FEATURE_CLOSE.into(), &FEATURE_BATCH.into()));
    payload
}

/// Sends, unless the connection was closed meanwhile.
fn send(connection: &Connection, kind: MessageType, payload: &JsValue) -> Result<(), JsValue> {
    if connection.is_live() { post(connection, kind, payload) } else { Ok(()) }
}

fn post(connection: &Connection, kind: MessageType, payload: &JsValue) -> Result<(), JsValue> {
    let payload = Some(JsPayload::outgoing(payload)?);
    let message = Message { kind, peer: connection.far.clone(), payload };
    connection.announce();
    connection.peer.input(|core| core.send(message));
    Ok(())
}

/// Runs a step of the negotiation. If it fails, so has the connection, unless that is closed anyway. Then the step is
/// given up: what a closed RTCPeerConnection has promised is never settled, and would be waited for for ever.
fn run(connection: &Rc<Connection>, step: impl Future<Output = Result<(), JsValue>> + 'static) {
    let this = Rc::clone(connection);
    spawn_local(async move {
        let mut step = pin!(step);
        let done = poll_fn(|context| {
            // Even when it is closed already: a promise that nobody waits for tells the page when it is rejected.
            let polled = step.as_mut().poll(context);
            if polled.is_pending() && !this.is_live() {
                return Poll::Ready(Ok(()));
            }
            this.wake_at_end(context.waker());
            polled
        });
        if let Err(error) = done.await
            && this.is_live()
        {
            this.peer.webrtc_error(&error);
            this.end_with(Some((ConnectionError::NegotiationFailed, error)));
        }
    });
}
