//! The HTTP side of the PeerServer.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::proto::peer_server::TIMEOUT;
use crate::proto::peer_server::options::Options;
use crate::web::js::{get, object, random, to_text};
use crate::web::peer::Peer;

const UNAUTHORIZED: u16 = 401;
const NOT_ALLOWED: &str = "It doesn't look like you have permission to list peers IDs. ";
const NOT_ALLOWED_CLOUD: &str = "It looks like you're using the cloud server. You can email team@peerjs.com to enable peer listing for your API key.";
const NOT_ALLOWED_OWN: &str =
    "You need to enable `allow_discovery` on your self-hosted PeerServer to use this feature.";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = fetch)]
    fn fetch(url: &str, init: &JsValue) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = AbortSignal, js_name = timeout)]
    fn signal_after(milliseconds: f64) -> Result<JsValue, JsValue>;

    type Response;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Response) -> u16;
    #[wasm_bindgen(method)]
    fn text(this: &Response) -> Promise;
    #[wasm_bindgen(method)]
    fn json(this: &Response) -> Promise;
}

/// Why a call failed.
pub(crate) enum Failure {
    /// The server does not list its peers for us; whether it is the public one.
    NotAllowed { cloud: bool },
    /// The server refused with this status.
    Status(u16),
    /// The browser reports this error.
    Error(JsValue),
}

impl Failure {
    pub(crate) fn log(&self, peer: &Peer, what: &str) {
        match self {
            Self::NotAllowed { .. } => peer.log(1, what, &UNAUTHORIZED.into()),
            Self::Status(status) => peer.log(1, what, &(*status).into()),
            Self::Error(error) => peer.log(1, what, error),
        }
    }

    /// What can be done about it, where that is known.
    pub(crate) fn remedy(&self) -> String {
        match self {
            Self::NotAllowed { cloud: true } => [NOT_ALLOWED, NOT_ALLOWED_CLOUD].concat(),
            Self::NotAllowed { cloud: false } => [NOT_ALLOWED, NOT_ALLOWED_OWN].concat(),
            _ => String::new(),
        }
    }
}

impl From<JsValue> for Failure {
    fn from(error: JsValue) -> Self {
        Self::Error(error)
    }
}

/// An id that nobody has.
pub(super) async fn fetch_id(options: &Options, js_options: &JsValue) -> Result<String, Failure> {
    let response = call(options, js_options, "id").await?;
    Ok(JsFuture::from(response.text()).await?.as_string().unwrap_or_default())
}

/// The ids of all peers.
pub(super) async fn list_peers(options: &Options, js_options: &JsValue) -> Result<Array, Failure> {
    let response = call(options, js_options, "peers").await.map_err(|failure| match failure {
        Failure::Status(UNAUTHORIZED) => Failure::NotAllowed { cloud: options.is_cloud() },
        other => other,
    })?;
    Ok(JsFuture::from(response.json()).await?.dyn_into()?)
}

async fn call(options: &Options, js_options: &JsValue, method: &str) -> Result<Response, Failure> {
    let nonce = [to_text(&js_sys::Date::now().into()), to_text(&random().into())].concat();
    let url = options.http_url(method, &nonce);
    let policy = get(js_options, "referrerPolicy");
    // An answer that drips in for ever is given up; a browser that knows no such signal gives up itself, sometime.
    let signal = signal_after(TIMEOUT).unwrap_or(JsValue::UNDEFINED);
    let init = object([("referrerPolicy", &policy), ("signal", &signal)]);
    let response = JsFuture::from(fetch(&url, &init)?).await?;
    let response: Response = response.unchecked_into();
    if response.status() == 200 { Ok(response) } else { Err(Failure::Status(response.status())) }
}
