use peerjs_wasm::{Connection, Error, Peer};
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
    let peer = Peer::builder().open().await?;
    web_sys::console::log_2(&"my id is".into(), &peer.id().into());
    let mut incoming = peer.incoming();
    while let Some(connection) = incoming.next().await {
        spawn_local(async move {
            if let Err(error) = talk(connection).await {
                web_sys::console::warn_1(&error.to_string().into());
            }
        });
    }
    Ok(())
}

async fn talk(connection: Connection) -> Result<(), Error> {
    connection.send(&Line { from: "Rust".into(), text: "Hello!".into() }).await?;
    let mut lines = connection.messages::<Line>();
    while let Some(line) = lines.next().await {
        let Line { from, text } = line?;
        connection.send(&Line { from: "Rust".into(), text: format!("{from} said {text}") }).await?;
    }
    Ok(())
}
