//! A chat of two, one of whom may be a page with PeerJS: see the README.md of the examples.

use std::cell::RefCell;
use std::rc::Rc;

use peerjs_wasm::{ConnectOptions, Connection, Error};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// What the two say to each other. A page with PeerJS sees `{kind: "say", text: "…"}`.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Message {
    Say { text: String },
    File { name: String, bytes: ByteBuf },
}

/// What whoever connects says of itself.
#[derive(Serialize, Deserialize)]
struct Hello {
    name: String,
}

/// Whom we talk to.
type Partner = Rc<RefCell<Option<Connection>>>;

#[wasm_bindgen(start)]
async fn main() {
    if let Err(error) = run().await {
        page::show("error", &error.to_string());
    }
}

async fn run() -> Result<(), Error> {
    let peer = page::server().open().await?;
    page::set_text("id", &peer.id());
    let partner = Partner::default();

    let (connecting, to_be) = (peer.clone(), Rc::clone(&partner));
    page::on_submit("connect", "to", move |id| {
        let hello = Hello { name: connecting.id() };
        let options = ConnectOptions::new().label("chat").metadata(&hello);
        match options.and_then(|options| connecting.connect(&id, options)) {
            Ok(connection) => spawn_local(talk(connection, Rc::clone(&to_be))),
            Err(error) => page::show("error", &error.to_string()),
        }
    });

    let to = Rc::clone(&partner);
    page::on_submit("say", "text", move |text| {
        let Some(connection) = to.borrow().clone() else { return };
        page::show("mine", &text);
        spawn_local(async move {
            if let Err(error) = connection.send(&Message::Say { text }).await {
                page::show("error", &error.to_string());
            }
        });
    });

    let mut incoming = peer.incoming();
    while let Some(connection) = incoming.next().await {
        spawn_local(talk(connection, Rc::clone(&partner)));
    }
    Ok(())
}

/// Talks to a partner until one of the two leaves.
async fn talk(connection: Connection, partner: Partner) {
    if let Err(error) = connection.open().await {
        return page::show("error", &error.to_string());
    }
    let hello = connection.metadata::<Hello>();
    let name = hello.map_or_else(|_| connection.peer().to_owned(), |hello| hello.name);
    page::show("note", &format!("{name} is here"));
    // The connection to an earlier partner is dropped, and so closed.
    partner.replace(Some(connection.clone()));

    let mut messages = connection.messages::<Message>();
    while let Some(message) = messages.next().await {
        match message {
            Ok(Message::Say { text }) => page::show("theirs", &text),
            Ok(Message::File { name, bytes }) => {
                page::show("theirs", &format!("{name}, {} bytes", bytes.len()));
                // Sent back, to show that binary goes both ways.
                let _ = connection.send(&Message::File { name, bytes }).await;
            }
            Err(error) => page::show("error", &error.to_string()),
        }
    }
    page::show("note", &format!("{name} has left"));
}
