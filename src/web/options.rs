//! The options object of a Peer: read once, completed in place, since applications read `peer.options`.

use js_sys::Object;
use wasm_bindgen::JsValue;

use super::js::{get, get_as_text, get_text, random, secret_token, set, to_text};
use crate::proto::backoff::Backoff;
use crate::proto::connection::resume::{Policy, TIMEOUT};
use crate::proto::peer_server::options::{CLOUD_PORT, Options, PageOrigin, RequestedOptions};

/// How to come back to the server by oneself, if that is wished: `true`, or `{retries, minDelay, maxDelay}`.
pub(super) fn backoff(options: &Object) -> Option<Backoff> {
    let wish = get(options, "reconnect");
    wish.is_truthy().then(|| Backoff::new(|name| get(&wish, name).as_f64(), random))
}

/// How connections are resumed: `true`, `false`, or `{timeout}`.
pub(super) fn resume_policy(options: &Object) -> Policy {
    let wish = get(options, "resume");
    let wanted = wish.is_undefined() || wish.is_truthy();
    let timeout = get(&wish, "timeout").as_f64().filter(|timeout| *timeout > 0.0).unwrap_or(TIMEOUT);
    Policy { timeout: if wanted { timeout } else { 0.0 }, random }
}

/// Decides what `options` leaves open, and writes that into it. `global` is the page's `globalThis`.
pub(super) fn decide(options: &Object, global: &JsValue) -> Options {
    let location = get(global, "location");
    let page = PageOrigin {
        host: get_text(&location, "hostname").unwrap_or_default(),
        secure: get_text(&location, "protocol").as_deref() == Some("https:"),
    };
    let (secure, key) = (get(options, "secure"), get(options, "key"));
    let wishes = RequestedOptions {
        host: get_as_text(options, "host"),
        port: get_as_text(options, "port"),
        path: get_as_text(options, "path"),
        // PeerJS sends `null` as it is.
        key: (!key.is_undefined()).then(|| to_text(&key)),
        token: get_as_text(options, "token").or_else(secret_token),
        secure: (!secure.is_null() && !secure.is_undefined()).then(|| secure.is_truthy()),
        ping_interval: get(options, "pingInterval").as_f64(),
    };
    let port_given = wishes.port.is_some();
    let decided = Options::decide(wishes, &page);
    for (name, text) in
        [("host", &decided.host), ("path", &decided.path), ("key", &decided.key), ("token", &decided.token)]
    {
        // Where no token can be made there is none, which ends the Peer.
        if !text.is_empty() {
            set(options, name, &text.into());
        }
    }
    set(options, "secure", &decided.secure.into());
    if !port_given {
        set(options, "port", &CLOUD_PORT.into());
    }
    decided
}
