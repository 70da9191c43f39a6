//! Sends files of any size: a slow reader slows the sender, and neither keeps more than a few pieces in memory.
//!
//! Each file has a connection of its own: its name and size are the metadata, its messages are the pieces, and its end is
//! the end of the file. A page with PeerJS can be at the other end: it gets an `ArrayBuffer` for each piece.

use js_sys::{Array, Promise, Uint8Array};
use peerjs_wasm::{ConnectOptions, Connection, Error, Peer};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, File, HtmlAnchorElement, HtmlInputElement, Url};

/// How many bytes of a file go in one message.
const PIECE: f64 = 1_048_576.0;

#[derive(Serialize, Deserialize)]
struct Header {
    name: String,
    size: f64,
}

#[wasm_bindgen(start)]
async fn main() {
    if let Err(error) = run().await {
        page::show("error", &error.to_string());
    }
}

async fn run() -> Result<(), Error> {
    let peer = page::server().open().await?;
    page::set_text("id", &peer.id());
    let sender = peer.clone();
    page::on("send", "submit", move |event| {
        event.prevent_default();
        let to = page::element::<HtmlInputElement>("to").value();
        let files = page::element::<HtmlInputElement>("file").files();
        let Some(file) = files.and_then(|files| files.get(0)) else { return };
        let sender = sender.clone();
        spawn_local(async move {
            match send(&sender, &to, &file).await {
                Ok(()) => page::show("sent", &file.name()),
                Err(error) => page::show("error", &error.to_string()),
            }
        });
    });
    let mut incoming = peer.incoming();
    while let Some(connection) = incoming.next().await {
        spawn_local(async move {
            if let Err(error) = receive(&connection).await {
                page::show("error", &error.to_string());
            }
        });
    }
    Ok(())
}

async fn send(peer: &Peer, to: &str, file: &File) -> Result<(), Error> {
    let header = Header { name: file.name(), size: file.size() };
    let connection = peer.connect(to, ConnectOptions::new().label("file").metadata(&header)?)?;
    let mut at = 0.0;
    while at < header.size {
        let end = header.size.min(at + PIECE);
        let piece = file.slice_with_f64_and_f64(at, end).expect_throw("a part of a file");
        // Waits until the far side has read enough of what was sent before.
        connection.send_blob(&piece).await?;
        at = end;
        page::set_text("sent", &at.to_string());
    }
    // Without this the last pieces would still arrive, but nobody would know when.
    connection.finish().await
}

async fn receive(connection: &Connection) -> Result<(), Error> {
    let header: Header = connection.metadata()?;
    // What has come leaves the memory of this module at once, since that never shrinks. The browser keeps Blobs, and
    // large ones on the disk.
    let (parts, mut received) = (Array::new(), 0.0);
    let mut pieces = connection.messages::<ByteBuf>();
    while let Some(piece) = pieces.next().await {
        let piece = Uint8Array::from(&**piece?);
        received += f64::from(piece.byte_length());
        parts.push(&Blob::new_with_u8_array_sequence(&Array::of1(&piece)).expect_throw("a Blob"));
        page::set_text("received", &received.to_string());
        while page::element::<HtmlInputElement>("pause").checked() {
            changed("pause").await;
        }
    }
    if received != header.size {
        return Err(Error::ConnectionClosed(format!("{} is not complete", header.name).into()));
    }
    let file = Blob::new_with_blob_sequence(&parts).expect_throw("a Blob");
    let link: HtmlAnchorElement = page::element("link");
    link.set_href(&Url::create_object_url_with_blob(&file).expect_throw("a URL"));
    link.set_download(&header.name);
    link.set_text_content(Some(&header.name));
    Ok(())
}

/// Waits until the page changes the value of an element.
async fn changed(id: &str) {
    let change = Promise::new(&mut |resolve, _| {
        page::element::<HtmlInputElement>(id).set_onchange(Some(&resolve));
    });
    let _ = JsFuture::from(change).await;
}
