//! The example `greet` for matchbox_socket: greets everybody in the room, and answers whatever they say.

use futures::future::FutureExt;
use futures::stream::StreamExt;
use matchbox_socket::{PeerState, WebRtcSocket};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[derive(Serialize, Deserialize)]
struct Line {
    from: String,
    text: String,
}

#[wasm_bindgen(start)]
async fn start() -> Result<(), JsError> {
    let (mut socket, messages) = WebRtcSocket::new_reliable("wss://matchbox.example.com/greet");
    spawn_local(messages.map(|ended| {
        if let Err(error) = ended {
            web_sys::console::warn_1(&error.to_string().into());
        }
    }));
    let (sender, mut lines) = socket.take_channel(0)?.split();
    let say = move |peer, text: String| -> Result<(), JsError> {
        let line = serde_json::to_vec(&Line { from: "Rust".into(), text })?;
        Ok(sender.unbounded_send((peer, line.into()))?)
    };
    let mut changes = socket.fuse();
    loop {
        futures::select_biased! {
            change = changes.next() => match change {
                Some((peer, PeerState::Connected)) => say(peer, "Hello!".into())?,
                Some(_) => {}
                None => return Ok(()),
            },
            line = lines.next() => {
                let Some((peer, line)) = line else { return Ok(()) };
                match serde_json::from_slice(&line) {
                    Ok(Line { from, text }) => say(peer, format!("{from} said {text}"))?,
                    Err(error) => web_sys::console::warn_1(&error.to_string().into()),
                }
            }
        }
    }
}
