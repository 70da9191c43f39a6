//! Connections and calls over an RTCPeerConnection that is there.

use std::rc::Rc;

use web_sys::MediaStream;

use super::call::Call;
use super::connect_options::{CallOptions, ConnectOptions};
use super::connection::{Common, Connection};
use super::error::Error;
use super::link::Link;
use super::peer::may_connect;
use crate::proto::connection::Stage;
use crate::proto::message::ConnectionType;
use crate::web;
use crate::web::connection::Setup;

/// What a new connection is made over.
struct Over<'a> {
    connection: &'a Rc<web::connection::Connection>,
    link: &'a Link,
    common: &'a Rc<Common>,
}

impl Over<'_> {
    /// A connection that shares the RTCPeerConnection, or one of its own if the remote knows no such.
    fn setup(&self, kind: ConnectionType, options: &wasm_bindgen::JsValue) -> Result<Setup, Error> {
        match self.link.stage() {
            Stage::Negotiating => return Err(Error::NotOpen),
            Stage::Closed => return Err(self.link.why_closed()),
            Stage::Open => {}
        }
        let setup = Setup::outgoing(kind, options);
        if self.connection.room().is_none() {
            may_connect(&self.connection.peer)?;
            return Ok(setup);
        }
        self.connection.claim(kind).map(|place| setup.over(place)).ok_or(Error::Limit)
    }

    fn connect(&self, options: &ConnectOptions) -> Result<Connection, Error> {
        let setup = self.setup(ConnectionType::Data, &options.to_js()?.into())?;
        let web::connection::Connection { peer, remote, .. } = &**self.connection;
        Ok(Connection::new(peer, self.common, remote, options.serialization, setup))
    }

    fn call(&self, stream: Option<&MediaStream>, options: &CallOptions) -> Result<Call, Error> {
        let setup = self.setup(ConnectionType::Media, &options.to_js()?.into())?;
        let web::connection::Connection { peer, remote, .. } = &**self.connection;
        Ok(Call::new(peer, self.common, remote, stream, setup))
    }
}

impl Connection {
    fn over(&self) -> Over<'_> {
        let listener = &self.0.listener;
        Over { connection: &self.0.connection, link: &listener.link, common: &listener.common }
    }

    /// Makes another connection to the same peer over the browser's connection that there is: no server is needed, and it
    /// is open after one round trip. It has its own serialization, order, backpressure and end, and the far side gets it from
    /// [`Peer::incoming`](crate::Peer::incoming). It goes on when this one is closed; the last one of all closes the
    /// browser's connection. To a peer that runs PeerJS, or an earlier version, it is one of its own, as of
    /// [`Peer::connect`](crate::Peer::connect).
    ///
    /// ```no_run
    /// # use peerjs_wasm::{ConnectOptions, Connection, Error};
    /// # fn example(chat: Connection) -> Result<Connection, Error> {
    /// chat.connect(ConnectOptions::new().label("positions").unreliable())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NotOpen`] before this one is open, why it closed afterwards, [`Error::Limit`] when this side has opened 32
    /// over the same browser's connection already.
    pub fn connect(&self, options: ConnectOptions) -> Result<Connection, Error> {
        self.over().connect(&options)
    }

    /// Calls the same peer over the browser's connection that there is, as [`connect`](Self::connect) connects; the far
    /// side gets the call from [`Peer::calls`](crate::Peer::calls). [`CallOptions::sdp_transform`] has no effect then.
    ///
    /// # Errors
    /// As with [`connect`](Self::connect).
    pub fn call(&self, stream: Option<&MediaStream>, options: CallOptions) -> Result<Call, Error> {
        self.over().call(stream, &options)
    }
}

impl Call {
    fn over(&self) -> Over<'_> {
        let listener = &self.0.listener;
        Over { connection: &self.0.connection, link: &listener.link, common: &listener.common }
    }

    /// Makes a connection for messages over the browser's connection of the call: see [`Connection::connect`].
    ///
    /// # Errors
    /// As with [`Connection::connect`].
    pub fn connect(&self, options: ConnectOptions) -> Result<Connection, Error> {
        self.over().connect(&options)
    }

    /// Makes another call over the browser's connection of this one: see [`Connection::call`].
    ///
    /// # Errors
    /// As with [`Connection::connect`].
    pub fn call(&self, stream: Option<&MediaStream>, options: CallOptions) -> Result<Call, Error> {
        self.over().call(stream, &options)
    }
}
