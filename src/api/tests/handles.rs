//! What handles of Peers and connections can do beside sending and receiving.

use std::collections::HashSet;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use js_sys::Reflect;

use super::values::talk;
use super::*;

#[wasm_bindgen_test]
async fn a_peer_is_there_before_it_is_open() {
    let id = unique("early");
    let peer = builder(&id).start().expect("a browser");
    assert!(!peer.is_open());
    assert!(matches!(peer.connect("far", ConnectOptions::new()).map(drop), Ok(())));
    assert_eq!((peer.open().await, peer.open().await), (Ok(()), Ok(())));
    assert_eq!(peer.id(), id);

    let given_up = builder(&unique("early")).start().expect("a browser");
    let clone = given_up.clone();
    spawn_local(async move { clone.destroy() });
    assert_eq!(given_up.open().await, Err(Error::Destroyed));
}

#[wasm_bindgen_test]
async fn a_connection_that_is_given_up_while_it_opens_is_over() {
    let (near, far) = (peer("near").await, peer("far").await);
    let opening = near.connect(&far.id(), ConnectOptions::new()).expect("open");
    assert_eq!(opening.state(), State::Connecting);
    let other = opening.clone();
    spawn_local(async move { other.close() });
    assert_eq!(opening.open().await, Err(Error::Closed));
    assert_eq!(opening.state(), State::Closed);
}

#[wasm_bindgen_test]
async fn a_peer_knows_its_connections() {
    let (near, far) = (peer("near").await, peer("far").await);
    let out = near.connect(&far.id(), ConnectOptions::new()).expect("open");
    assert_eq!(near.connections(), std::slice::from_ref(&out));
    out.open().await.expect("opens");
    let untaken = far.connections();
    assert_eq!(untaken.len(), 1);
    assert_eq!(far.incoming().try_next().as_ref(), untaken.first());
    assert!(far.incoming().try_next().is_none());
    #[allow(clippy::mutable_key_type, reason = "only its address counts")]
    let known: HashSet<_> = near.connections().into_iter().collect();
    assert!(known.contains(&out));
    drop(known);
    out.close();
    assert_eq!(near.connections(), []);
    assert_ne!(near, far);
}

#[wasm_bindgen_test]
async fn what_a_frame_loop_needs_never_waits() {
    let (near, far) = (peer("near").await, peer("far").await);
    let options = ConnectOptions::new().unreliable().priority(Priority::High);
    let out = near.connect(&far.id(), options).expect("open");
    assert_eq!(out.try_send(&1), Err(Error::NotOpen));
    assert!(out.data_channel().is_some());
    out.open().await.expect("opens");
    let inn = far.incoming().next().await.expect("far lives");
    inn.open().await.expect("opens");
    for channel in [out.data_channel(), inn.data_channel()] {
        let channel = channel.expect("open");
        let property = |name| Reflect::get(&channel, &JsValue::from_str(name)).expect("a property");
        assert_eq!(property("ordered"), false);
        assert_eq!(property("maxRetransmits"), 0);
    }
    let mut messages = inn.messages::<u32>();
    assert_eq!(messages.try_next(), None);
    assert_eq!(out.try_send(&7), Ok(()));
    assert!(soon(|| inn.0.listener.inbox.len() > 0).await, "it is lost where nothing is");
    assert_eq!((messages.try_next(), messages.try_next()), (Some(Ok(7)), None));
    out.close();
    assert_eq!(out.try_send(&1), Err(Error::Closed));
}

#[wasm_bindgen_test]
async fn a_full_channel_takes_no_more_and_loses_nothing() {
    for serialization in [Serialization::Binary, Serialization::MsgPack] {
        let Pair { out, inn, near: _near, far: _far } =
            pair(ConnectOptions::new().serialization(serialization)).await;
        let bulk = ByteBuf::from(vec![7; 1 << 20]);
        let mut taken = 0;
        let refused = loop {
            match out.try_send(&(taken, &bulk)) {
                Ok(()) => taken += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(refused, Error::Full);
        assert!((1..8).contains(&taken), "{taken} MiB were taken");
        assert!(out.buffered_amount() > 0);
        let mut messages = inn.messages::<(u32, ByteBuf)>();
        for n in 0..taken {
            assert_eq!(messages.next().await.map(|it| it.map(|(n, _)| n)), Some(Ok(n)));
        }
        assert!(soon(|| out.try_send(&(taken, &bulk)) == Ok(())).await, "there is room again");
    }
}

#[wasm_bindgen_test]
async fn a_sink_and_a_stream_go_their_own_ways() {
    const COUNT: u32 = 200;
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    let (mut to_far, from_far) = out.split::<(u32, ByteBuf), u32>();
    let (mut to_near, mut from_near) = inn.split::<u32, (u32, ByteBuf)>();
    spawn_local(async move {
        while let Some(Ok((n, _))) = from_near.next().await {
            to_near.send(n).await.expect("open");
        }
    });
    let bulk = ByteBuf::from(vec![7; 32 << 10]);
    let sending = async move {
        for n in 0..COUNT {
            to_far.feed((n, bulk.clone())).await?;
        }
        to_far.flush().await?;
        Ok::<_, Error>(to_far)
    };
    let reading = from_far.take(COUNT as usize).map(|n| n.expect("a number")).collect::<Vec<_>>();
    let (sent, read) = futures::join!(sending, reading);
    assert_eq!(read, Vec::from_iter(0..COUNT));
    assert_eq!(sent.expect("open").close().await, Ok(()));
}

#[wasm_bindgen_test]
async fn javascript_values_and_blobs_are_sent_as_they_are() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    let value = js_sys::JSON::parse(r#"{"Hello":{"name":"Ada 👋","age":36}}"#).expect("JSON");
    assert_eq!(out.send_js(&value).await, Ok(()));
    let view = js_sys::Uint16Array::from(&[1, 2, 3][..]).subarray(1, 3);
    assert_eq!(out.send_js(&view).await, Ok(()));
    let refused = out.send_js(&js_sys::Map::new()).await;
    assert!(matches!(refused, Err(Error::Serialize(_))), "{refused:?}");
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::new_with_length(3 << 20));
    let blob = web_sys::Blob::new_with_u8_array_sequence(&parts).expect("a Blob");
    assert_eq!(out.send_blob(&blob).await, Ok(()));
    let hello = talk().into_iter().next().expect("one of four");
    assert_eq!(inn.messages().next().await, Some(Ok(hello)));
    assert_eq!(inn.messages().next().await, Some(Ok(ByteBuf::from([2, 0, 3, 0]))));
    let bytes: Option<Result<ByteBuf, _>> = inn.messages().next().await;
    assert_eq!(bytes.map(|it| it.map(|bytes| bytes.len())), Some(Ok(3 << 20)));
}

#[wasm_bindgen_test]
async fn a_file_is_sent_as_the_blob_that_it_is() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(&[7; 100_000][..]));
    let file = web_sys::File::new_with_u8_array_sequence(&parts, "sevens").expect("a File");
    assert_eq!(out.send_blob(&file).await, Ok(()));
    let bytes: Option<Result<ByteBuf, _>> = inn.messages().next().await;
    assert_eq!(bytes, Some(Ok(ByteBuf::from(vec![7; 100_000]))));
}

#[wasm_bindgen_test]
async fn an_sdp_is_passed_through_a_function_and_what_that_returns_is_set() {
    let count = Rc::new(Cell::new(0));
    let counting = || {
        let count = Rc::clone(&count);
        move |sdp: String| {
            count.set(count.get() + u32::from(sdp.starts_with("v=0")));
            sdp
        }
    };
    // No browser sets this.
    let spoiling = |_| "nonsense".to_owned();
    let (near, far) = (peer("near").await, peer("far").await);
    let options = ConnectOptions::new().sdp_transform(counting());
    assert_eq!(options.clone(), options);
    assert_ne!(ConnectOptions::new(), options);
    assert_eq!(near.connect(&far.id(), options).expect("open").open().await, Ok(()));
    assert_eq!(count.get(), 1, "of the offer, and not of the answer");
    let spoilt = near.connect(&far.id(), ConnectOptions::new().sdp_transform(spoiling));
    assert!(spoilt.expect("open").open().await.is_err());

    let (mut ringing, picture) = (far.calls(), picture());
    let options = CallOptions::new().sdp_transform(counting());
    let call = near.call(&far.id(), Some(&picture), options).expect("open");
    let incoming = ringing.next().await.expect("far lives").sdp_transform(counting());
    let _answered = incoming.answer(None).expect("not hung up");
    assert_eq!(call.answered().await, Ok(()));
    assert_eq!(count.get(), 3);
    let _call = near.call(&far.id(), Some(&picture), CallOptions::new()).expect("open");
    let incoming = ringing.next().await.expect("far lives").sdp_transform(spoiling);
    assert!(incoming.answer(None).expect("not hung up").closed().await.is_err());
}

#[wasm_bindgen_test]
async fn what_was_sent_arrives_although_the_connection_is_dropped() {
    for serialization in [Serialization::Binary, Serialization::MsgPack, Serialization::Raw] {
        let Pair { out, inn, near: _near, far: _far } =
            pair(ConnectOptions::new().serialization(serialization)).await;
        let mut messages = inn.messages::<ByteBuf>();
        for _ in 0..64 {
            out.send(&ByteBuf::from(vec![7; 128 << 10])).await.expect("open");
        }
        drop(out);
        for n in 0..64 {
            let len = messages.next().await.map(|it| it.map(|bytes| bytes.len()));
            assert_eq!(len, Some(Ok(128 << 10)), "message {n} in {serialization:?}");
        }
        assert_eq!(messages.next().await, None);
        assert_eq!(inn.closed().await, Ok(()));
    }
}

#[wasm_bindgen_test]
async fn a_peer_that_comes_back_by_itself_gives_up_in_the_end() {
    let wait = Duration::from_millis(1);
    let how = Reconnect::new().retries(1).min_delay(wait).max_delay(wait);
    let near =
        builder(&unique("near")).reconnect(how).open().await.expect("the page's server takes everybody");
    let mut events = near.events();
    refuse(true);
    lose(&near.id());
    let mut retries = Vec::new();
    while retries.last() != Some(&None) {
        if let Some(Event::Disconnected { retry_in }) = events.next().await {
            retries.push(retry_in);
        }
    }
    refuse(false);
    assert_eq!(retries.len(), 2);
    assert!(retries.first().is_some_and(|first| first.is_some_and(|after| after <= wait)));
}

#[wasm_bindgen_test]
fn an_error_is_one_of_javascript_too() {
    let error: js_sys::Error = JsValue::from(Error::Full).dyn_into().expect("an Error");
    assert_eq!(String::from(error.message()), Error::Full.to_string());
}

#[wasm_bindgen_test]
fn a_float_that_is_not_expected_is_named() {
    let error = <Error as serde::de::Error>::invalid_type(serde::de::Unexpected::Float(1.5), &"text");
    assert_eq!(error, Error::Deserialize("invalid type: floating point `1.5`, expected text".into()));
}

#[wasm_bindgen_test]
async fn a_connection_knows_its_path_and_how_far_the_remote_is() {
    let (near, far) = (peer("near").await, peer("far").await);
    let out = near.connect(&far.id(), ConnectOptions::new()).expect("open");
    assert_eq!(out.ping().await, Err(Error::NotOpen));
    out.open().await.expect("opens");
    assert!(out.ping().await.expect("a reply") < Duration::from_secs(10));
    let stats = out.stats().await.expect("stats");
    assert!(stats.path.is_some(), "{stats:?}");
    assert_eq!(stats.protocol.as_deref(), Some("udp"));
    assert!(stats.sent > Some(0), "{stats:?}");
    assert_eq!(stats.lost, None);
    out.close();
    assert_eq!(out.stats().await, Err(Error::Closed));
    assert_eq!(out.ping().await, Err(Error::Closed));
}

#[wasm_bindgen_test]
async fn ice_servers_are_asked_for_before_each_connection() {
    let asked = Rc::new(Cell::new(0));
    let count = Rc::clone(&asked);
    let near = builder(&unique("near")).ice_servers_with(move || {
        count.set(count.get() + 1);
        async { Ok::<_, Error>(Vec::new()) }
    });
    let near = near.open().await.expect("opens");
    let far = peer("far").await;
    for _ in 0..2 {
        let out = near.connect(&far.id(), ConnectOptions::new()).expect("open");
        out.open().await.expect("opens");
    }
    assert_eq!(asked.get(), 2);

    let failing = builder(&unique("near")).ice_servers_with(|| async { Err("no credentials") });
    let failing = failing.open().await.expect("opens");
    let out = failing.connect(&far.id(), ConnectOptions::new()).expect("open");
    assert_eq!(out.open().await, Err(Error::Config("no credentials".into())));
}
