//! The Rust API on native targets: applications compile and can be tested; only a Peer needs a browser.
#![cfg(all(not(target_arch = "wasm32"), feature = "rust-api"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use futures::executor::block_on;
use peerjs_wasm::{
    CallOptions, ConnectOptions, Connection, Error, IceServer, Peer, Priority, Reconnect, Serialization,
};

/// Code as in an application: it must compile.
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
    // What only a browser can call has no effect, and is no panic.
    assert!(CallOptions::new().sdp_transform(|sdp| sdp).metadata("urgent").is_ok());
    assert_eq!(Peer::builder().id("me"), Peer::builder().id("me"));
    assert_ne!(Serialization::Binary, Serialization::Json);
    let _ = greet;
}

#[test]
fn a_value_that_is_not_expected_is_named_in_the_words_of_serde() {
    use serde::de::Unexpected::*;
    for found in [
        Bool(true),
        Unsigned(7),
        Signed(-7),
        Float(1.5),
        Char('c'),
        Str("text"),
        Bytes(&[1]),
        Unit,
        Option,
        NewtypeStruct,
        Seq,
        Map,
        Enum,
        UnitVariant,
        NewtypeVariant,
        TupleVariant,
        StructVariant,
        Other("a thing"),
    ] {
        let error = <Error as serde::de::Error>::invalid_type(found, &"a number");
        assert_eq!(error, Error::Deserialize(format!("invalid type: {found}, expected a number")));
        let error = <Error as serde::de::Error>::invalid_value(found, &"a number");
        assert_eq!(error, Error::Deserialize(format!("invalid value: {found}, expected a number")));
    }
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
