//! What an application may wish for.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::future_to_promise;
use web_sys::RtcConfiguration;

use super::inbox::Limits;
use super::signaling::{Shared, Signaling};
use crate::proto::peer_server::options::DEFAULT_ICE_SERVER;
use crate::web::js::{object, set};

/// Where a [`Peer`](crate::Peer) is to be, until [`open`](Self::open) goes there. What is not said is as in PeerJS: the public
/// PeerServer at `0.peerjs.com`, an id that the server makes up.
///
/// ```no_run
/// # async fn example() -> Result<(), peerjs_wasm::Error> {
/// let peer = peerjs_wasm::Peer::builder().id("alice").host("localhost").port(9000).open().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "it does nothing before `open` or `start`"]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeerBuilder {
    pub(super) id: Option<String>,
    pub(super) debug: u8,
    pub(super) limits: Limits,
    pub(super) signaling: Option<Shared>,
    host: Option<String>,
    port: Option<u16>,
    path: Option<String>,
    key: Option<String>,
    token: Option<String>,
    secure: Option<bool>,
    ping_interval: Option<Duration>,
    reconnect: Reconnect,
    resume: Option<Option<Duration>>,
    ice: Ice,
}

/// How paths to other peers are found.
#[derive(Clone)]
enum Ice {
    Servers(Vec<IceServer>),
    Config(RtcConfiguration),
    Asked(Rc<dyn Fn() -> Answer>),
}

/// The promise of a configuration, as JavaScript has it.
type Answer = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

impl fmt::Debug for Ice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Servers(servers) => servers.fmt(f),
            Self::Config(config) => config.fmt(f),
            Self::Asked(_) => f.write_str("asked each time"),
        }
    }
}

impl PartialEq for Ice {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Servers(servers), Self::Servers(others)) => servers == others,
            (Self::Config(config), Self::Config(other)) => config == other,
            (Self::Asked(ask), Self::Asked(other)) => Rc::ptr_eq(ask, other),
            _ => false,
        }
    }
}

impl Default for Ice {
    fn default() -> Self {
        Self::Servers(vec![IceServer::new([DEFAULT_ICE_SERVER])])
    }
}

impl PeerBuilder {
    /// The id by which others connect to this peer: letters and digits, and between them spaces, dashes and underscores.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// The PeerServer's host; `/` is the page's own.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// The PeerServer's port, 443 unless told otherwise.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// The path at which the PeerServer is mounted.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// What carries the messages by which peers find each other, in place of a PeerServer: of the options of a server only
    /// the token is used. Unless told otherwise a peer without an id makes up its own.
    pub fn signaling(mut self, signaling: impl Signaling) -> Self {
        self.signaling = Some(Shared(Rc::new(signaling)));
        self
    }

    /// The API key.
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// What proves to the server that this is the same client again; made up unless told.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Whether https and wss are used; as the page itself was loaded, unless told otherwise.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = Some(secure);
        self
    }

    /// How often the server is told that this peer is still here; every five seconds unless told otherwise.
    pub fn ping_interval(mut self, interval: Duration) -> Self {
        self.ping_interval = Some(interval);
        self
    }

    /// Whether it comes back by itself when it has lost the server, or how: `true`, or [`Reconnect`]. It does not unless
    /// told.
    pub fn reconnect(mut self, how: impl Into<Reconnect>) -> Self {
        self.reconnect = how.into();
        self
    }

    /// How long a lost path is looked for before a connection or a call ends with
    /// [`Error::ConnectionClosed`](super::Error::ConnectionClosed); 30 s unless told otherwise, `None` for not at all. Meanwhile the state is [`State::Reconnecting`](super::State), what is sent
    /// waits, and on a reliable connection nothing is lost. Both peers must be of this library and want it.
    pub fn resume(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.resume = Some(timeout.into());
        self
    }

    /// The servers that help to find a path to other peers. Unless told otherwise, a STUN server of Google's;
    /// none is enough inside one network.
    pub fn ice_servers(mut self, servers: impl IntoIterator<Item = IceServer>) -> Self {
        self.ice = Ice::Servers(servers.into_iter().collect());
        self
    }

    /// Has `ask` give the servers before every connection and call, on either end: fresh credentials of TURN, say. If it
    /// fails or takes more than 10 s, the connection ends with [`Error::Config`](crate::Error::Config).
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Error, IceServer, Peer};
    /// # async fn credentials() -> Result<(String, String), Error> { unimplemented!() }
    /// # async fn example() -> Result<(), Error> {
    /// let fresh = || async {
    ///     let (user, password) = credentials().await?;
    ///     Ok::<_, Error>(vec![IceServer::new(["turn:turn.example"]).credentials(user, password)])
    /// };
    /// let peer = Peer::builder().ice_servers_with(fresh).open().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn ice_servers_with<F, E>(mut self, ask: impl Fn() -> F + 'static) -> Self
    where
        F: Future<Output = Result<Vec<IceServer>, E>> + 'static,
        E: fmt::Display + 'static,
    {
        self.ice = Ice::Asked(Rc::new(move || {
            let asked = ask();
            Box::pin(async move {
                match asked.await {
                    Ok(servers) => Ok(config_of(&servers)),
                    Err(error) => Err(js_sys::Error::new(&error.to_string()).into()),
                }
            })
        }));
        self
    }

    /// The whole configuration of the browser's connections, in place of [`ice_servers`](Self::ice_servers).
    pub fn config(mut self, config: &RtcConfiguration) -> Self {
        self.ice = Ice::Config(config.clone());
        self
    }

    /// How much is told on the console: 1 errors, 2 warnings too, 3 everything. Nothing unless told otherwise.
    pub fn debug(mut self, level: u8) -> Self {
        self.debug = level;
        self
    }

    /// How many bytes of memory, about, the messages under way on one connection may take before they are complete; 1 GiB
    /// unless told otherwise. A message that takes more is [`Error::InvalidData`](crate::Error::InvalidData), and the
    /// connection lives on.
    pub fn receive_limit(mut self, bytes: u64) -> Self {
        self.limits.receive = bytes;
        self
    }

    /// How many bytes of messages one connection keeps until the application reads them; 64 MiB unless told otherwise. One
    /// message is kept, however long. Of those beyond the limit the reader is told how many were lost, by
    /// [`Error::Unread`](crate::Error::Unread).
    pub fn unread_limit(mut self, bytes: u64) -> Self {
        self.limits.unread = bytes;
        self
    }

    /// The options as PeerJS has them.
    pub(super) fn to_js(&self) -> Object {
        let Self { host, port, path, key, token, secure, ping_interval, reconnect, resume, ice, .. } = self;
        let options = Object::new();
        for (name, text) in [("host", host), ("path", path), ("key", key), ("token", token)] {
            if let Some(text) = text {
                set(&options, name, &text.into());
            }
        }
        if let Some(port) = port {
            set(&options, "port", &(*port).into());
        }
        if let Some(secure) = secure {
            set(&options, "secure", &(*secure).into());
        }
        if let Some(interval) = ping_interval {
            set(&options, "pingInterval", &milliseconds(*interval));
        }
        set(&options, "reconnect", &reconnect.to_js());
        if let Some(timeout) = resume {
            let wish = timeout.map(|timeout| object([("timeout", &milliseconds(timeout))]).into());
            set(&options, "resume", &wish.unwrap_or(JsValue::FALSE));
        }
        let config = match ice {
            Ice::Servers(servers) => config_of(servers),
            Ice::Config(config) => config.into(),
            Ice::Asked(ask) => {
                let ask = Rc::clone(ask);
                Closure::<dyn Fn() -> Promise>::new(move || future_to_promise(ask())).into_js_value()
            }
        };
        set(&options, "config", &config);
        options
    }
}

fn config_of(servers: &[IceServer]) -> JsValue {
    let list: Array = servers.iter().map(IceServer::to_js).collect();
    object([("iceServers", &list)]).into()
}

fn milliseconds(time: Duration) -> JsValue {
    (time.as_secs_f64() * 1e3).into()
}

/// How a Peer comes back by itself when it has lost its server: [`PeerBuilder::reconnect`].
///
/// It waits twice as long after each attempt, from one second up to half a minute, and never gives up, unless told
/// otherwise.
#[must_use]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Reconnect {
    by_itself: bool,
    retries: Option<u32>,
    min_delay: Option<Duration>,
    max_delay: Option<Duration>,
}

impl From<bool> for Reconnect {
    fn from(by_itself: bool) -> Self {
        Self { by_itself, ..Self::default() }
    }
}

impl Reconnect {
    /// By itself, without end.
    pub fn new() -> Self {
        true.into()
    }

    /// How many attempts in a row there are before it gives up.
    pub fn retries(mut self, count: u32) -> Self {
        self.retries = Some(count);
        self
    }

    /// How long it waits before the first attempt: at least half of this.
    pub fn min_delay(mut self, delay: Duration) -> Self {
        self.min_delay = Some(delay);
        self
    }

    /// How long it waits at most.
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = Some(delay);
        self
    }

    fn to_js(&self) -> JsValue {
        if !self.by_itself {
            return false.into();
        }
        let options = Object::new();
        if let Some(retries) = self.retries {
            set(&options, "retries", &retries.into());
        }
        for (name, delay) in [("minDelay", self.min_delay), ("maxDelay", self.max_delay)] {
            if let Some(delay) = delay {
                set(&options, name, &milliseconds(delay));
            }
        }
        options.into()
    }
}

/// A server that helps to find a path to another peer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IceServer {
    urls: Vec<String>,
    user: Option<(String, String)>,
}

impl IceServer {
    /// The server at these URLs: `stun:…`, `turn:…` or `turns:…`.
    pub fn new<S: Into<String>>(urls: impl IntoIterator<Item = S>) -> Self {
        Self { urls: urls.into_iter().map(Into::into).collect(), user: None }
    }

    /// With what one says to a TURN server.
    #[must_use]
    pub fn credentials(mut self, username: impl Into<String>, credential: impl Into<String>) -> Self {
        self.user = Some((username.into(), credential.into()));
        self
    }

    fn to_js(&self) -> JsValue {
        let urls: Array = self.urls.iter().map(JsValue::from).collect();
        let server = object([("urls", &urls)]);
        if let Some((username, credential)) = &self.user {
            set(&server, "username", &username.into());
            set(&server, "credential", &credential.into());
        }
        server.into()
    }
}
