//! Signalling by something else than a PeerServer.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Function, JSON, JsString};
use wasm_bindgen::prelude::*;
use web_sys::EventTarget;

use super::error::Error;
use super::presence::Watched;
use super::task::in_next_task;
use crate::proto::acknowledge::{Acknowledgements, Due, HERE, is_from_peers};
use crate::proto::message::{ConnectionType, MessageType};
use crate::proto::time::NEVER;
use crate::web::js::{get, get_text, now, object, set};
use crate::web::timer::Timeout;

/// Longer messages are ignored, in bytes: an offer has some thousand.
const LONGEST: usize = 256 * 1024;

/// Carries the messages by which peers find each other, in place of a PeerServer: [`PeerBuilder::signaling`].
///
/// It need not be reliable. It should keep the order of messages from one peer to another, and it is believed who sent a
/// message. Messages are the same as those of the npm package's transports, so that pages with these can be reached.
///
/// ```no_run
/// use std::cell::RefCell;
/// use std::collections::BTreeMap;
/// use std::rc::Rc;
///
/// use peerjs_wasm::{Line, Peer, Session, SignalMessage, Signaling};
///
/// /// Peers of one page.
/// #[derive(Clone, Default)]
/// struct Page(Rc<RefCell<BTreeMap<String, Line>>>);
///
/// struct Registered(Page, String);
///
/// impl Signaling for Page {
///     fn open(&self, id: &str, _token: &str, line: Line) -> Box<dyn Session> {
///         self.0.borrow_mut().insert(id.into(), line.clone());
///         line.registered();
///         Box::new(Registered(self.clone(), id.into()))
///     }
/// }
///
/// impl Session for Registered {
///     fn send(&self, message: SignalMessage) {
///         let receiver = self.0.0.borrow().get(&message.dst).cloned();
///         if let Some(line) = receiver {
///             line.received(message);
///         }
///     }
/// }
///
/// impl Drop for Registered {
///     fn drop(&mut self) {
///         self.0.0.borrow_mut().remove(&self.1);
///     }
/// }
///
/// # async fn example() -> Result<(), peerjs_wasm::Error> {
/// let page = Page::default();
/// let alice = Peer::builder().id("alice").signaling(page.clone()).open().await?;
/// let bob = Peer::builder().id("bob").signaling(page).open().await?;
/// # Ok(())
/// # }
/// ```
///
/// [`PeerBuilder::signaling`]: super::PeerBuilder::signaling
pub trait Signaling: 'static {
    /// Begins to register a peer under `id`, and tells `line` what becomes of it, at once or later. `token` is secret, and
    /// lets the peer take its id back from a registration that has broken.
    ///
    /// Called for each attempt. What it returns is dropped when the peer leaves, or after [`Line::lost`] and
    /// [`Line::refused`].
    fn open(&self, id: &str, token: &str, line: Line) -> Box<dyn Session>;

    /// The ids of all peers that are there, for [`Peer::list_all_peers`]. An error unless it is implemented.
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Error, Line, Listing, Session, Signaling};
    /// # struct Page;
    /// # impl Page { async fn ask(&self) -> Vec<String> { Vec::new() } }
    /// # #[derive(Clone)]
    /// # struct Mine(std::rc::Rc<Page>);
    /// # impl Signaling for Mine {
    /// # fn open(&self, _: &str, _: &str, _: Line) -> Box<dyn Session> { unimplemented!() }
    /// fn peers(&self) -> Listing {
    ///     let page = self.0.clone();
    ///     Box::pin(async move { Ok(page.ask().await) })
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::ServerError`], if nothing else fits better: it is passed on as it is.
    ///
    /// [`Peer::list_all_peers`]: super::Peer::list_all_peers
    fn peers(&self) -> Listing {
        Box::pin(async { Err(Error::ServerError("The signalling does not list its peers.".into())) })
    }
}

/// The ids of peers, once they are known: [`Signaling::peers`]. `LocalBoxFuture` of the crate `futures` is the same type.
pub type Listing = Pin<Box<dyn Future<Output = Result<Vec<String>, Error>>>>;

/// A registration, or an attempt at one: [`Signaling::open`]. Dropping it leaves.
pub trait Session: 'static {
    /// Sends a message to the peer `message.dst`, or drops it when that is not there.
    fn send(&self, message: SignalMessage);
}

/// A message between two peers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignalMessage {
    /// `OFFER`, `ANSWER`, `CANDIDATE`, or a word of the peers' own.
    pub kind: String,
    /// The id of the sender.
    pub src: String,
    /// The id of the receiver.
    pub dst: String,
    /// What it says, as JSON.
    pub payload: Option<String>,
}

impl SignalMessage {
    /// The message as a JSON object, as the npm package's transports send it.
    pub fn to_json(&self) -> String {
        let quote = |text: &str| JSON::stringify(&text.into()).map_or_else(|_| String::new(), String::from);
        let [kind, src, dst] = [&self.kind, &self.src, &self.dst].map(|text| quote(text));
        let payload = self.payload.as_deref().map_or_else(String::new, |json| format!(",\"payload\":{json}"));
        format!("{{\"type\":{kind},\"src\":{src},\"dst\":{dst}{payload}}}")
    }

    /// Reads what [`to_json`](Self::to_json) writes; None for everything else.
    pub fn from_json(text: &str) -> Option<Self> {
        let value = JSON::parse(text).ok()?;
        let payload = get(&value, "payload");
        Some(Self {
            kind: get_text(&value, "type")?,
            src: get_text(&value, "src")?,
            dst: get_text(&value, "dst")?,
            payload: JSON::stringify(&payload)
                .ok()
                .and_then(|json| json.dyn_ref::<JsString>().map(String::from)),
        })
    }
}

/// Takes what a [`Signaling`] reports of one attempt. Cheap to clone; it does nothing any more once the attempt is over.
#[derive(Clone)]
pub struct Line(Rc<State>);

/// A method of the socket. It may be called while it runs: a message may bring its answer at once.
type Method = Closure<dyn Fn(JsValue)>;

struct State {
    id: String,
    /// What the Peer listens to as if it were a WebSocket to a PeerServer.
    socket: EventTarget,
    session: RefCell<Option<Rc<dyn Session>>>,
    /// What the socket's methods are made of.
    methods: RefCell<Option<[Method; 2]>>,
    over: Cell<bool>,
    acknowledgements: RefCell<Acknowledgements>,
    watched: Rc<Watched>,
    timer: RefCell<Option<Timeout>>,
}

impl Line {
    /// The peer is registered.
    pub fn registered(&self) {
        let this = self.clone();
        // Not before `Signaling::open` has returned.
        in_next_task(move || {
            this.emit("open", "");
            this.deliver("OPEN", "", None);
        });
    }

    /// A message for the peer has come. Any message may be passed: it is validated.
    pub fn received(&self, message: SignalMessage) {
        let SignalMessage { kind, src, dst, payload } = message;
        let state = &*self.0;
        if state.over.get() || src == state.id || dst != state.id {
            return;
        }
        let known = MessageType::parse(&kind).filter(|kind| is_from_peers(*kind));
        let offers = payload.as_deref().and_then(|json| JSON::parse(json).ok());
        let offers = offers.and_then(|offer| ConnectionType::parse(&get_text(&offer, "type")?));
        let here = state.acknowledgements.borrow_mut().received(known, offers, &src, now());
        if here {
            self.acknowledge(&src);
        }
        self.arm();
        if known.is_some() {
            self.deliver(&kind, &src, payload.as_deref());
        }
    }

    /// The id is taken by a peer with another token.
    pub fn taken(&self) {
        let this = self.clone();
        in_next_task(move || this.deliver("ID-TAKEN", "", None));
    }

    /// The peer is refused, and trying again would not help.
    pub fn refused(&self, why: &str) {
        let why =
            JSON::stringify(&object([("msg", &why.into())])).map_or_else(|_| String::new(), String::from);
        let this = self.clone();
        in_next_task(move || this.deliver("ERROR", "", Some(&why)));
    }

    /// The peer is not registered, or not any longer. Trying again may help.
    pub fn lost(&self) {
        let this = self.clone();
        in_next_task(move || this.emit("close", ""));
    }

    /// Another peer has come or gone, for [`Peer::presence`](super::Peer::presence). It may be said more than once, and in
    /// any order; of more than 100,000 peers, and of ids beyond 1,024 bytes, nothing is told.
    pub fn presence(&self, id: &str, is_online: bool) {
        let state = &*self.0;
        if !state.over.get() && id != state.id {
            state.watched.said(id, is_online);
        }
    }

    fn new(id: String, watched: &Rc<Watched>) -> Option<Self> {
        Some(Self(Rc::new(State {
            id,
            socket: EventTarget::new().ok()?,
            session: RefCell::default(),
            methods: RefCell::default(),
            over: Cell::default(),
            acknowledgements: RefCell::default(),
            watched: Rc::clone(watched),
            timer: RefCell::default(),
        })))
    }

    /// Gives the socket its methods, which keep this alive until the Peer closes it.
    fn connect(&self) {
        let (sender, closer) = (self.clone(), self.clone());
        let send = Method::new(move |frame: JsValue| sender.send(&frame));
        let close = Method::new(move |_: JsValue| closer.close());
        set(&self.0.socket, "send", send.as_ref());
        set(&self.0.socket, "close", close.as_ref());
        self.0.methods.replace(Some([send, close]));
    }

    /// A frame of the Peer for its server.
    fn send(&self, frame: &JsValue) {
        let Some(frame) = frame.as_string().and_then(|text| JSON::parse(&text).ok()) else { return };
        let (Some(kind), Some(dst)) = (get_text(&frame, "type"), get_text(&frame, "dst")) else { return };
        let payload = JSON::stringify(&get(&frame, "payload")).ok();
        let payload = payload.and_then(|json| json.dyn_ref::<JsString>().map(String::from));
        if dst == self.0.id {
            // A Peer asks itself whether it is registered, and the Signaling tells that.
            let this = self.clone();
            return in_next_task(move || this.deliver(&kind, &dst, payload.as_deref()));
        }
        if let Some(known) = MessageType::parse(&kind) {
            self.0.acknowledgements.borrow_mut().sent(known, &dst, now());
            self.arm();
        }
        self.transmit(kind, dst, payload);
    }

    fn acknowledge(&self, peer: &str) {
        self.transmit(HERE.into(), peer.into(), None);
    }

    fn transmit(&self, kind: String, dst: String, payload: Option<String>) {
        // Nothing is borrowed while the application's code runs, which may come back at once.
        let session = self.0.session.borrow().clone();
        if let Some(session) = session {
            session.send(SignalMessage { kind, src: self.0.id.clone(), dst, payload });
        }
    }

    fn deliver(&self, kind: &str, src: &str, payload: Option<&str>) {
        let [kind, src] = [kind, src].map(String::from);
        let message = SignalMessage { kind, src, dst: self.0.id.clone(), payload: payload.map(String::from) };
        let json = message.to_json();
        if json.len() <= LONGEST {
            self.emit("message", &json);
        }
    }

    fn emit(&self, name: &str, data: &str) {
        if self.0.over.get() {
            return;
        }
        let init = web_sys::MessageEventInit::new();
        init.set_data(&data.into());
        if let Ok(event) = web_sys::MessageEvent::new_with_event_init_dict(name, &init) {
            // Listeners that throw are reported by the browser.
            let _ = self.0.socket.dispatch_event(&event);
        }
    }

    fn arm(&self) {
        let deadline = self.0.acknowledgements.borrow().deadline();
        let this = Rc::downgrade(&self.0);
        let timer = (deadline < NEVER).then(|| {
            Timeout::new((deadline - now()).max(0.0), move || {
                if let Some(state) = this.upgrade() {
                    Self(state).tick();
                }
            })
        });
        let previous = self.0.timer.replace(timer);
        drop(previous);
    }

    fn tick(&self) {
        loop {
            let due = self.0.acknowledgements.borrow_mut().due(now());
            match due {
                Some(Due::Acknowledge(peer)) => self.acknowledge(&peer),
                Some(Due::Expire(peer)) => self.deliver("EXPIRE", &peer, None),
                None => break,
            }
        }
        self.arm();
    }

    fn close(&self) {
        if self.0.over.replace(true) {
            return;
        }
        let (session, timer, methods) = (self.0.session.take(), self.0.timer.take(), self.0.methods.take());
        drop((session, timer));
        drop(methods);
        self.0.watched.lost();
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("id", &self.0.id).finish_non_exhaustive()
    }
}

/// A Signaling as a builder holds it.
#[derive(Clone)]
pub(super) struct Shared(pub(super) Rc<dyn Signaling>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signaling")
    }
}

/// What makes something like a WebSocket to a PeerServer of each URL: the option `signaling` of the npm package.
pub(super) type Factory = Closure<dyn Fn(String) -> JsValue>;

impl Shared {
    pub(super) fn factory(&self, watched: &Rc<Watched>) -> Factory {
        let (signaling, watched) = (Rc::clone(&self.0), Rc::clone(watched));
        Closure::new(move |url: String| {
            let query = web_sys::Url::new(&url).map(|url| url.search_params());
            let parameter = |name| query.as_ref().ok().and_then(|query| query.get(name)).unwrap_or_default();
            let id = parameter("id");
            let Some(line) = Line::new(id.clone(), &watched) else { return JsValue::UNDEFINED };
            line.connect();
            let session = signaling.open(&id, &parameter("token"), line.clone());
            line.0.session.replace(Some(session.into()));
            line.0.socket.clone().into()
        })
    }
}

/// As JavaScript calls it.
pub(super) fn as_function(factory: &Factory) -> &Function {
    factory.as_ref().unchecked_ref()
}
