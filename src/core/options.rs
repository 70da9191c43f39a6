//! The options of a Peer: defaults, where the server is, which ids are valid.

/// The public PeerServer.
pub const CLOUD_HOST: &str = "0.peerjs.com";
/// The port of the public PeerServer, and the default for any other.
pub const CLOUD_PORT: u16 = 443;
/// The key that every PeerServer accepts unless it was told otherwise.
pub const DEFAULT_KEY: &str = "peerjs";
/// How often the server is told that we are still here, in milliseconds.
pub const DEFAULT_PING_INTERVAL: f64 = 5000.0;
/// The version of PeerJS whose protocol this is; the server is told on every request.
const PROTOCOL_VERSION: &str = "1.5.5";

/// Where the page comes from, as far as the defaults depend on it.
pub struct Page {
    /// The page's host name.
    pub host: String,
    /// Whether it was loaded over https.
    pub secure: bool,
}

/// What the application asked for; what it left open is `None`.
#[derive(Default)]
pub struct Wishes {
    /// Host name of the server, or `/` for the page's own.
    pub host: Option<String>,
    /// Port of the server.
    pub port: Option<String>,
    /// Path at which the server is mounted.
    pub path: Option<String>,
    /// API key.
    pub key: Option<String>,
    /// What proves to the server that this is the same client again.
    pub token: Option<String>,
    /// Whether to use https and wss.
    pub secure: Option<bool>,
    /// Milliseconds between heartbeats.
    pub ping_interval: Option<f64>,
}

/// The options as they hold, all decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Host name of the server.
    pub host: String,
    /// Port of the server.
    pub port: String,
    /// Path at which the server is mounted; begins and ends with `/`.
    pub path: String,
    /// API key.
    pub key: String,
    /// What proves to the server that this is the same client again.
    pub token: String,
    /// Whether https and wss are used.
    pub secure: bool,
    /// Milliseconds between heartbeats.
    pub ping_interval: f64,
}

impl Options {
    /// Fills in what was left open. `token` is used when the application gave none.
    pub fn decide(wishes: Wishes, page: &Page, token: String) -> Self {
        let host = match wishes.host {
            Some(host) if host == "/" => page.host.clone(),
            Some(host) if !host.is_empty() => host,
            _ => CLOUD_HOST.into(),
        };
        let cloud = host == CLOUD_HOST;
        let mut path = wishes.path.unwrap_or_default();
        if !path.starts_with('/') {
            path.insert(0, '/');
        }
        if !path.ends_with('/') {
            path.push('/');
        }
        Self {
            secure: cloud || wishes.secure.unwrap_or(page.secure),
            port: wishes.port.unwrap_or_else(|| CLOUD_PORT.to_string()),
            key: wishes.key.unwrap_or_else(|| DEFAULT_KEY.into()),
            token: wishes.token.unwrap_or(token),
            ping_interval: wishes
                .ping_interval
                .filter(|interval| *interval > 0.0)
                .unwrap_or(DEFAULT_PING_INTERVAL),
            host,
            path,
        }
    }

    /// Whether this is the public server.
    pub fn is_cloud(&self) -> bool {
        self.host == CLOUD_HOST
    }

    /// The URL of an HTTP call: `id` or `peers`. `nonce` keeps caches from answering.
    pub fn http_url(&self, method: &str, nonce: &str) -> String {
        let mut url = self.base("http");
        push_encoded(&mut url, &self.key);
        for part in ["/", method, "?ts=", nonce, "&version=", PROTOCOL_VERSION] {
            url.push_str(part);
        }
        url
    }

    /// The URL of the socket.
    pub fn socket_url(&self, id: &str) -> String {
        let mut url = self.base("ws");
        for (name, value) in [("peerjs?key=", &*self.key), ("&id=", id), ("&token=", &*self.token)] {
            url.push_str(name);
            push_encoded(&mut url, value);
        }
        url.push_str("&version=");
        url.push_str(PROTOCOL_VERSION);
        url
    }

    fn base(&self, scheme: &str) -> String {
        let secure = if self.secure { "s" } else { "" };
        [scheme, secure, "://", &self.host, ":", &self.port, &self.path].concat()
    }
}

/// Whether a peer may have this id: letters and digits, and between them also spaces, dashes and underscores.
pub fn is_valid_id(id: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_');
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = id.as_bytes();
    outer(bytes.first()) && outer(bytes.last()) && bytes.iter().copied().all(inner)
}

fn push_encoded(url: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            url.push(byte.into());
        } else {
            url.push('%');
            url.push(HEX[usize::from(byte >> 4)].into());
            url.push(HEX[usize::from(byte & 15)].into());
        }
    }
}
