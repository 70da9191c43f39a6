//! The HTTP side of the PeerServer.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use super::PeerServer;
use crate::proto::border::LogLevel;
use crate::proto::peer_server::TIMEOUT;
use crate::proto::peer_server::options::Options;
use crate::web::js::{get, object, random, to_text};
use crate::web::promise::settle;
use crate::web::transport::Client;

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
    pub(in crate::web) fn log(&self, client: &impl Client<PeerServer>, what: &str) {
        match self {
            Self::NotAllowed { .. } => client.log(LogLevel::Errors, what, &UNAUTHORIZED.into()),
            Self::Status(status) => client.log(LogLevel::Errors, what, &(*status).into()),
            Self::Error(error) => client.log(LogLevel::Errors, what, error),
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

/// What hears of the reply to a call.
type Done<T> = Box<dyn FnOnce(Result<T, Failure>)>;

/// An id that nobody has.
pub(super) fn fetch_id(options: &Options, js_options: &JsValue, done: Done<String>) {
    let done = |id: Result<JsValue, _>| done(id.map(|id| id.as_string().unwrap_or_default()));
    call(options, js_options, "id", Response::text, Box::new(done));
}

/// The ids of all peers.
pub(super) fn list_peers(options: &Options, js_options: &JsValue, done: Done<Array>) {
    let cloud = options.is_cloud();
    let done = move |ids: Result<JsValue, _>| {
        done(match ids {
            Ok(ids) => ids.dyn_into().map_err(Failure::Error),
            Err(Failure::Status(UNAUTHORIZED)) => Err(Failure::NotAllowed { cloud }),
            Err(failure) => Err(failure),
        });
    };
    call(options, js_options, "peers", Response::json, Box::new(done));
}

fn call(
    options: &Options,
    js_options: &JsValue,
    method: &str,
    read: fn(&Response) -> Promise,
    done: Done<JsValue>,
) {
    let nonce = [to_text(&js_sys::Date::now().into()), to_text(&random().into())].concat();
    let url = options.http_url(method, &nonce);
    let policy = get(js_options, "referrerPolicy");
    // An answer that drips in for ever is given up; a browser that knows no such signal gives up itself, sometime.
    let signal = signal_after(TIMEOUT).unwrap_or(JsValue::UNDEFINED);
    let init = object([("referrerPolicy", &policy), ("signal", &signal)]);
    settle(fetch(&url, &init), move |response| match response {
        Ok(response) => {
            let response: Response = response.unchecked_into();
            match response.status() {
                200 => settle(Ok(read(&response)), |body| done(body.map_err(Failure::Error))),
                status => done(Err(Failure::Status(status))),
            }
        }
        Err(error) => done(Err(Failure::Error(error))),
    });
}
