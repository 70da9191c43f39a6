//! The API natively: an application compiles, its own logic is tested, and only a Peer needs a browser.
#![cfg(all(not(target_arch = "wasm32"), feature = "rust-api"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use futures::executor::block_on;
use peerjs_wasm::{
    CallOptions, ConnectOptions, Connection, Error, IceServer, Peer, Priority, Reconnect, Serialization,
};

/// What an application would write, which has to compile.
async fn greet(connection: Connection) -> Result<Option<String>, Error> {
    connection.send("Hello").await?;
    connection.messages::<String>().next().await.transpose()
}

#[test]
fn what_needs_no_browser_works() {
    let options = ConnectOptions::new().label("chat").metadata(&("Ada", 36)).unwrap();
    assert_eq!(options, ConnectOptions::new().metadata(&("Ada", 36)).unwrap().label("chat"));
    assert_ne!(options.clone().priority(Priority::High), options);
    assert!(matches!(ConnectOptions::new().metadata(&u64::MAX), Err(Error::Serialize(_))));
    assert!(CallOptions::new().metadata("urgent").is_ok());
    assert_ne!(Serialization::Binary, Serialization::Json);
    let _ = greet;
}

#[test]
fn a_peer_is_an_error_that_says_so() {
    let builder = Peer::builder()
        .id("me")
        .host("localhost")
        .ice_servers([IceServer::new(["stun:stun.example.com"])])
        .reconnect(Reconnect::new().retries(3).min_delay(Duration::from_secs(1)));
    let error = block_on(builder.clone().open()).unwrap_err();
    assert_eq!(error.to_string(), "A Peer needs a browser: the target wasm32.");
    assert_eq!(builder.start(), Err(error));
}
