//! Asks for the configuration before the RTCPeerConnection is made.

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::MediaStream;

use super::Connection;
use crate::proto::connection::end::Reason;
use crate::proto::error::ConnectionError;
use crate::web::js::now;
use crate::web::promise::settle;

impl Connection {
    /// Makes the RTCPeerConnection, which sends `stream`: at once, or when the function `config` has answered.
    pub(super) fn ask_config(self: &Rc<Self>, stream: Option<MediaStream>) {
        let config = self.peer.config();
        let Some(function) = config.dyn_ref::<Function>() else {
            return self.begin(stream.as_ref(), &config);
        };
        let asked = function.call0(&JsValue::UNDEFINED);
        self.input(|core| core.config_asked(now()));
        let this = Rc::clone(self);
        settle(asked.map(|answer| Promise::resolve(&answer)), move |result| {
            if this.core.borrow_mut().config_answered() {
                match result {
                    Ok(config) if config.is_object() => this.begin(stream.as_ref(), &config),
                    Ok(_) => this.no_config(),
                    Err(error) => this.config_failed(error),
                }
            }
        });
    }

    /// The function gave nothing that is a configuration.
    pub(super) fn no_config(self: &Rc<Self>) {
        self.config_failed(JsError::new("The function `config` gave no object within 10 s.").into());
    }

    fn config_failed(self: &Rc<Self>, error: JsValue) {
        self.browser_error.replace(error);
        self.close(Reason::Failed(ConnectionError::Config));
    }
}
