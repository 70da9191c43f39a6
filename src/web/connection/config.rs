//! Asks for the configuration before the RTCPeerConnection is made, and before each ICE restart.

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::MediaStream;

use super::Connection;
use crate::proto::border::LogLevel;
use crate::proto::connection::end::Reason;
use crate::proto::error::ConnectionError;
use crate::web::js::now;
use crate::web::promise::settle;

/// Why an ICE restart keeps the configuration.
const NO_CONFIG: &str = "No fresh config:";

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

    /// Has the next offer restart ICE, with a fresh configuration if there is a function to be asked for it: when that has
    /// answered. If it fails, the configuration stays as it is: a path without TURN is better than none.
    pub(super) fn restart_ice(self: &Rc<Self>) {
        let config = self.peer.config();
        let Some(function) = config.dyn_ref::<Function>() else {
            return self.restart_now(&JsValue::UNDEFINED);
        };
        let asked = function.call0(&JsValue::UNDEFINED);
        let this = Rc::clone(self);
        settle(asked.map(|answer| Promise::resolve(&answer)), move |result| match result {
            Ok(config) => this.restart_now(&config),
            Err(error) => {
                this.peer.log(LogLevel::Warnings, NO_CONFIG, &error);
                this.restart_now(&JsValue::UNDEFINED);
            }
        });
    }

    fn restart_now(&self, config: &JsValue) {
        let Some(pc) = self.rtc() else { return };
        if config.is_object()
            && let Err(error) = pc.set_configuration(config)
        {
            self.peer.log(LogLevel::Warnings, NO_CONFIG, &error);
        }
        if let Err(error) = pc.restart_ice() {
            self.peer.log(LogLevel::Warnings, "No ICE restart:", &error);
        }
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
