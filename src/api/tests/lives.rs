//! The lives of peers, connections and calls.

use super::*;

#[wasm_bindgen_test]
async fn opening_fails_with_a_type() {
    let refused = || Peer::builder().host("127.0.0.1").port(9).secure(false).ice_servers([]);
    assert!(matches!(refused().id("me").open().await, Err(Error::Network(_))));
    assert!(matches!(refused().open().await, Err(Error::ServerError(_))));
    assert!(matches!(refused().id("not/valid").open().await, Err(Error::InvalidId(_))));
    let first = peer("taken").await;
    let second = builder(&first.id()).open().await;
    assert!(matches!(second, Err(Error::UnavailableId(_))), "{second:?}");
    let wrong = builder(&unique("wrong")).key("wrong").open().await;
    assert!(matches!(wrong, Err(Error::InvalidKey(_))), "{wrong:?}");
}

#[wasm_bindgen_test]
async fn what_is_dropped_is_closed_and_leaves_nothing() {
    let Pair { near, far, out, inn } = pair(ConnectOptions::new()).await;
    let (listener, connection) = (Rc::downgrade(&out.0.listener), Rc::downgrade(&out.0.connection));
    let pc = out.peer_connection().expect("open");
    let second = out.clone();
    drop(out);
    assert!(second.is_open(), "there is still a clone");
    drop(second);
    assert_eq!(inn.closed().await, Ok(()));
    let closed = || get_text(&pc, "connectionState").as_deref() == Some("closed");
    assert!(soon(closed).await, "an RTCPeerConnection is left");
    assert_eq!(inn.messages::<u8>().next().await, None);
    assert_eq!(inn.send(&1).await, Err(Error::Closed));
    let gone = || listener.strong_count() + connection.strong_count() == 0;
    assert!(soon(gone).await, "a connection is left");

    // In the middle of a negotiation, with a connection that nobody has taken.
    let untaken = near.connect(&far.id(), ConnectOptions::new()).expect("open");
    far.0.listener.changed.until(|| (far.0.listener.incoming.len() > 0).then_some(())).await;
    let (listener, peer) = (Rc::downgrade(&far.0.listener), Rc::downgrade(&far.0.peer));
    let mut incoming = far.incoming();
    let id = far.id();
    drop((far, inn));
    assert!(!at_server(&id));
    assert!(incoming.next().await.is_none());
    drop(incoming);
    assert_eq!(untaken.open().await, Err(Error::Closed));
    assert!(soon(|| listener.strong_count() + peer.strong_count() == 0).await, "a peer is left");
}

#[wasm_bindgen_test]
async fn what_is_over_keeps_no_js_value() {
    async fn whole_life() {
        let Pair { near: _near, far: _far, out, inn } = pair(ConnectOptions::new()).await;
        out.send(&1).await.expect("open");
        assert_eq!(inn.messages::<u8>().next().await, Some(Ok(1)));
        assert_eq!(out.finish().await, Ok(()));
        assert_eq!(inn.closed().await, Ok(()));
    }
    // Makes what is made once and kept.
    whole_life().await;
    let before = externref_heap_live_count();
    whole_life().await;
    let left = || externref_heap_live_count().saturating_sub(before);
    assert!(soon(|| left() == 0).await, "{} are left", left());
}

#[wasm_bindgen_test]
async fn opening_that_is_given_up_leaves_the_server_alone() {
    {
        let mut opening = std::pin::pin!(builder("shy").open());
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(opening.as_mut().poll(context)));
        assert!(polled.await.is_pending());
    }
    JsFuture::from(tick()).await.expect("a tick");
    assert!(!at_server("shy"));
}

#[wasm_bindgen_test]
async fn the_server_makes_ids_up_and_tells_them() {
    serve();
    let peer = Peer::builder().host("in.page").secure(false).ice_servers([]).open().await;
    let peer = peer.expect("the page's server takes everybody");
    assert!(at_server(&peer.id()));
    let ids = peer.list_all_peers().await.expect("this server tells");
    assert!(ids.contains(&peer.id()), "{ids:?}");
}

#[wasm_bindgen_test]
async fn nobody_there_is_told_by_the_connection_and_the_peer() {
    let near = peer("near").await;
    let connection = near.connect("nobody", ConnectOptions::new()).expect("open");
    assert!(matches!(connection.send(&1).await, Err(Error::PeerUnavailable(_))));
    assert!(matches!(connection.open().await, Err(Error::PeerUnavailable(_))));
    assert!(matches!(connection.closed().await, Err(Error::PeerUnavailable(_))));
    let mut messages = connection.messages::<u8>();
    assert!(matches!(messages.next().await, Some(Err(Error::PeerUnavailable(_)))));
    assert_eq!(messages.next().await, None);
    assert!(matches!(near.events().next().await, Some(Event::Error(Error::PeerUnavailable(_)))));
    let call = near.call("nobody", None, CallOptions::new()).expect("open");
    assert!(matches!(call.stream().await, Err(Error::PeerUnavailable(_))));
}

#[wasm_bindgen_test]
async fn a_peer_leaves_loses_and_finds_the_server() {
    let near = peer("near").await;
    let id = near.id();
    let mut events = near.events();
    near.disconnect();
    assert_eq!(events.next().await, Some(Event::Disconnected { retry_in: None }));
    let refused = near.connect("far", ConnectOptions::new());
    assert!(matches!(refused, Err(Error::Disconnected(_))));
    assert_eq!(near.reconnect().await, Ok(()));
    assert_eq!(events.next().await, Some(Event::Reconnected));
    lose(&near.id());
    assert!(matches!(events.next().await, Some(Event::Error(Error::Network(_)))));
    assert_eq!(events.next().await, Some(Event::Disconnected { retry_in: None }));
    assert!(!near.is_open());
    assert_eq!(near.reconnect().await, Ok(()));
    assert_eq!((near.is_open(), near.id()), (true, id));
    near.destroy();
    assert_eq!(near.reconnect().await, Err(Error::Destroyed));
    assert!(matches!(near.connect("far", ConnectOptions::new()), Err(Error::Destroyed)));
}

#[wasm_bindgen_test]
async fn a_peer_comes_back_by_itself_if_told() {
    let near =
        builder(&unique("near")).reconnect(true).open().await.expect("the page's server takes everybody");
    let mut events = near.events();
    lose(&near.id());
    assert!(matches!(events.next().await, Some(Event::Error(Error::Network(_)))));
    assert!(matches!(events.next().await, Some(Event::Disconnected { retry_in: Some(_) })));
    assert_eq!(events.next().await, Some(Event::Reconnected));
    assert!(near.is_open());
}

#[wasm_bindgen_test]
async fn calls_are_answered_declined_and_hung_up() {
    let (near, far) = (peer("near").await, peer("far").await);
    let (mut ringing, picture) = (far.calls(), picture());
    let options = CallOptions::new().metadata("urgent").expect("text");
    let call = near.call(&far.id(), Some(&picture), options).expect("open");
    let incoming = ringing.next().await.expect("far lives");
    assert_eq!((incoming.peer(), incoming.metadata()), (&*near.id(), Ok("urgent".to_owned())));
    assert!(!call.is_open());
    let answered = incoming.answer(None).expect("not hung up");
    assert!(answered.is_open());
    assert_eq!((call.answered().await, answered.answered().await), (Ok(()), Ok(())));
    assert!(call.is_open());
    let stream = answered.stream().await.expect("near sends one");
    assert_eq!(stream.get_video_tracks().length(), 1);
    drop(answered);
    assert_eq!(call.closed().await, Ok(()));
    assert_eq!(call.stream().await.map(|_| ()), Err(Error::Closed));

    let call = near.call(&far.id(), Some(&picture), CallOptions::new()).expect("open");
    ringing.next().await.expect("far lives").decline();
    assert_eq!(call.answered().await, Err(Error::Closed));
    assert_eq!(call.closed().await, Ok(()));

    let call = near.call(&far.id(), None, CallOptions::new()).expect("open");
    let incoming = ringing.next().await.expect("far lives");
    drop(call);
    incoming.cancelled().await;
    assert_eq!(incoming.answer(None).map(|_| ()), Err(Error::Closed));
}
