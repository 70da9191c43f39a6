//! Options of a PeerServer: defaults and URLs.

/// Host name of the public PeerServer.
pub const CLOUD_HOST: &str = "0.peerjs.com";
/// Port of the public PeerServer, and the default port for all servers.
pub const CLOUD_PORT: u16 = 443;
/// The same in a URL.
const CLOUD_PORT_TEXT: &str = "443";
/// The only ICE server that connections use unless told otherwise.
pub const DEFAULT_ICE_SERVER: &str = "stun:stun.l.google.com:19302";
/// The default API key of a PeerServer.
pub const DEFAULT_KEY: &str = "peerjs";
/// Default interval between heartbeats, in milliseconds.
pub const DEFAULT_PING_INTERVAL: f64 = 5000.0;
/// The version of PeerJS whose protocol is spoken; sent with every request.
const PROTOCOL_VERSION: &str = "1.5.5";

/// The origin of the page, on which some defaults depend.
pub struct PageOrigin {
    /// Host name of the page.
    pub host: String,
    /// Whether the page was loaded over https.
    pub secure: bool,
}

/// The options that the application has set; `None` where it has not.
#[derive(Default)]
pub struct RequestedOptions {
    /// Host name of the server, or `/` for the host of the page.
    pub host: Option<String>,
    /// Port of the server.
    pub port: Option<String>,
    /// Path at which the server is mounted.
    pub path: Option<String>,
    /// API key.
    pub key: Option<String>,
    /// Secret by which the server recognizes a client that returns.
    pub token: Option<String>,
    /// Whether to use https and wss.
    pub secure: Option<bool>,
    /// Milliseconds between heartbeats.
    pub ping_interval: Option<f64>,
}

/// The options in effect, with the defaults filled in.
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
    /// Secret by which the server recognizes a client that returns.
    pub token: String,
    /// Whether https and wss are used.
    pub secure: bool,
    /// Whether the network can read token and key: they are not encrypted and leave this machine. False for the host of
    /// a page that was itself loaded without encryption.
    pub exposed: bool,
    /// Milliseconds between heartbeats.
    pub ping_interval: f64,
}

impl Options {
    /// Fills in the defaults. The token has none: it is empty if it is not set.
    pub fn decide(requested: RequestedOptions, page: &PageOrigin) -> Self {
        let host = match requested.host {
            Some(host) if host == "/" => page.host.clone(),
            Some(host) if !host.is_empty() => host,
            _ => CLOUD_HOST.into(),
        };
        let cloud = host == CLOUD_HOST;
        let secure = cloud || requested.secure.unwrap_or(page.secure);
        let mut path = requested.path.unwrap_or_default();
        if !path.starts_with('/') {
            path.insert(0, '/');
        }
        if !path.ends_with('/') {
            path.push('/');
        }
        Self {
            secure,
            exposed: !secure && !is_this_machine(&host) && (page.secure || host != page.host),
            port: requested.port.unwrap_or_else(|| CLOUD_PORT_TEXT.into()),
            key: requested.key.unwrap_or_else(|| DEFAULT_KEY.into()),
            token: requested.token.unwrap_or_default(),
            ping_interval: requested
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

    /// Returns the URL of an HTTP request, of `method` `id` or `peers`. `nonce` prevents caching.
    pub fn http_url(&self, method: &str, nonce: &str) -> String {
        let mut url = self.base("http");
        push_encoded(&mut url, &self.key);
        for part in ["/", method, "?ts=", nonce, "&version=", PROTOCOL_VERSION] {
            url.push_str(part);
        }
        url
    }

    /// Returns the URL of the WebSocket.
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

/// Whether data sent to this host never leaves this machine.
fn is_this_machine(host: &str) -> bool {
    // A host that ends in a digit is an address, and no name.
    let address = host.starts_with("127.") && host.as_bytes().last().is_some_and(u8::is_ascii_digit);
    address || host == "localhost" || host.ends_with(".localhost") || host == "[::1]"
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

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(requested: RequestedOptions, secure: bool) -> Options {
        let token = requested.token.or_else(|| text("t0ken"));
        Options::decide(
            RequestedOptions { token, ..requested },
            &PageOrigin { host: "page.example".into(), secure },
        )
    }

    fn text(value: &str) -> Option<String> {
        Some(value.into())
    }

    #[test]
    fn the_default_is_the_public_server() {
        let options = decided(RequestedOptions::default(), false);
        let expected = Options {
            host: "0.peerjs.com".into(),
            port: "443".into(),
            path: "/".into(),
            key: "peerjs".into(),
            token: "t0ken".into(),
            secure: true,
            exposed: false,
            ping_interval: 5000.0,
        };
        assert_eq!(options, expected);
        assert!(options.is_cloud());
    }

    #[test]
    fn secure_is_that_of_the_page_unless_set_or_the_public_server() {
        for (host, wish, page, expected) in [
            (None, Some(false), false, true),
            (text("0.peerjs.com"), Some(false), false, true),
            (text("own.example"), None, false, false),
            (text("own.example"), None, true, true),
            (text("own.example"), Some(true), false, true),
            (text("own.example"), Some(false), true, false),
            (text("/"), None, true, true),
            (text("/"), None, false, false),
        ] {
            let case = format!("{host:?} {wish:?} {page}");
            let options =
                decided(RequestedOptions { host, secure: wish, ..RequestedOptions::default() }, page);
            assert_eq!(options.secure, expected, "{case}");
        }
    }

    #[test]
    fn exposed_if_the_network_can_read_the_token() {
        for (host, secure, page, expected) in [
            ("own.example", Some(false), false, true),
            ("own.example", Some(false), true, true),
            ("own.example", None, true, false),
            ("own.example", None, false, true),
            ("own.example", Some(true), false, false),
            ("192.168.0.7", None, false, true),
            ("127.example", None, false, true),
            ("localhost.example", None, false, true),
            ("localhost", None, false, false),
            ("peer.localhost", None, false, false),
            ("127.0.0.1", None, false, false),
            ("[::1]", None, false, false),
            ("page.example", None, false, false),
            ("/", None, false, false),
            ("page.example", Some(false), true, true),
            (CLOUD_HOST, Some(false), false, false),
        ] {
            let options =
                decided(RequestedOptions { host: text(host), secure, ..RequestedOptions::default() }, page);
            assert_eq!(options.exposed, expected, "{host} {secure:?} {page}");
        }
    }

    #[test]
    fn a_slash_is_the_host_of_the_page() {
        assert_eq!(
            decided(RequestedOptions { host: text("/"), ..RequestedOptions::default() }, true).host,
            "page.example"
        );
        assert_eq!(
            decided(RequestedOptions { host: text(""), ..RequestedOptions::default() }, true).host,
            CLOUD_HOST
        );
    }

    #[test]
    fn the_port_is_the_same_as_text() {
        assert_eq!(CLOUD_PORT_TEXT, CLOUD_PORT.to_string());
    }

    #[test]
    fn a_path_begins_and_ends_with_a_slash() {
        for (wish, path) in [
            (None, "/"),
            (text(""), "/"),
            (text("/"), "/"),
            (text("app"), "/app/"),
            (text("/app"), "/app/"),
            (text("app/"), "/app/"),
            (text("/a/b/"), "/a/b/"),
        ] {
            assert_eq!(
                decided(RequestedOptions { path: wish, ..RequestedOptions::default() }, true).path,
                path
            );
        }
    }

    #[test]
    fn an_invalid_ping_interval_is_the_default() {
        for (wish, expected) in [
            (None, 5000.0),
            (Some(0.0), 5000.0),
            (Some(-1.0), 5000.0),
            (Some(f64::NAN), 5000.0),
            (Some(250.0), 250.0),
        ] {
            let options =
                decided(RequestedOptions { ping_interval: wish, ..RequestedOptions::default() }, true);
            assert_eq!(options.ping_interval, expected, "{wish:?}");
        }
    }

    #[test]
    fn urls_are_those_of_a_peerserver() {
        let cloud = decided(RequestedOptions::default(), true);
        assert_eq!(
            cloud.http_url("id", "170.5"),
            "https://0.peerjs.com:443/peerjs/id?ts=170.5&version=1.5.5"
        );
        assert_eq!(
            cloud.socket_url("me"),
            "wss://0.peerjs.com:443/peerjs?key=peerjs&id=me&token=t0ken&version=1.5.5"
        );
        let requested = RequestedOptions {
            host: text("localhost"),
            port: text("9000"),
            path: text("mine"),
            key: text("k&y/"),
            token: text("a=b"),
            ..RequestedOptions::default()
        };
        let own = decided(requested, false);
        assert_eq!(
            own.http_url("peers", "1"),
            "http://localhost:9000/mine/k%26y%2F/peers?ts=1&version=1.5.5"
        );
        assert_eq!(
            own.socket_url("a b&id=c#é"),
            "ws://localhost:9000/mine/peerjs?key=k%26y%2F&id=a%20b%26id%3Dc%23%C3%A9&token=a%3Db&version=1.5.5"
        );
    }
}
