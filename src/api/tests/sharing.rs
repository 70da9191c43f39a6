//! Connections and calls that share an RTCPeerConnection.

use super::*;

#[wasm_bindgen_test]
async fn connections_of_other_kinds_share_one_and_each_closes_alone() {
    let Pair { near, far, out, inn } = pair(ConnectOptions::new()).await;
    let mut incoming = far.incoming();
    let options = ConnectOptions::new().label("state").serialization(Serialization::Json);
    let state = out.connect(options.metadata(&7).expect("JSON")).expect("open");
    let positions = out.connect(ConnectOptions::new().label("positions").unreliable()).expect("open");
    assert_eq!((state.open().await, positions.open().await), (Ok(()), Ok(())));
    let (far_state, far_positions) =
        (incoming.next().await.expect("two"), incoming.next().await.expect("two"));
    assert_eq!((far_state.label(), far_state.metadata()), ("state".into(), Ok(7)));
    assert_eq!((far_state.serialization(), far_positions.label()), (Serialization::Json, "positions".into()));
    assert!(state.peer_connection().is_some() && state.peer_connection() == out.peer_connection());
    assert_eq!((near.connections().len(), far.connections().len()), (3, 3));

    out.close();
    assert_eq!(inn.closed().await, Ok(()));
    far_state.send(&"on").await.expect("open");
    assert_eq!(state.messages::<String>().next().await, Some(Ok("on".into())));
    far_positions.close();
    assert_eq!(positions.closed().await, Ok(()));
    state.send(&"last").await.expect("open");
    assert_eq!(far_state.messages::<String>().next().await, Some(Ok("last".into())));
    let pc = far_state.peer_connection().expect("open");
    assert_eq!(state.finish().await, Ok(()));
    assert!(soon(|| get_text(&pc, "connectionState").as_deref() == Some("closed")).await);
}

#[wasm_bindgen_test]
async fn calls_share_a_connection_and_each_has_its_own_streams() {
    let Pair { near: _near, far, out, inn: _inn } = pair(ConnectOptions::new()).await;
    let mut ringing = far.calls();
    let (one, two) = (picture(), picture());
    let first = out.call(Some(&one), CallOptions::new().metadata("first").expect("JSON")).expect("open");
    let answering = ringing.next().await.expect("it rings");
    assert_eq!(answering.metadata::<String>(), Ok("first".into()));
    let answered = answering.answer(Some(&two)).expect("not hung up");
    assert_eq!(answered.stream().await.expect("a stream").id(), one.id());
    assert_eq!(first.stream().await.expect("a stream").id(), two.id());

    let second = first.call(None, CallOptions::new()).expect("open");
    let other = ringing.next().await.expect("it rings").answer(Some(&two)).expect("not hung up");
    let stream = second.stream().await.expect("a stream");
    assert_ne!(stream.id(), two.id(), "that is of the other call");
    assert_eq!(first.remote_streams().len(), 1);
    let track = two.get_tracks().get(0).into();
    let own = [&answered, &other].map(|call| call.remove_track(&track));
    assert_eq!(own, [Ok(()), Ok(())]);

    let data = second.connect(ConnectOptions::new()).expect("open");
    assert_eq!(data.open().await, Ok(()));
    first.close();
    assert_eq!(answered.closed().await, Ok(()));
    assert!(second.is_open() && other.is_open() && data.is_open());
    drop(other);
    assert_eq!(second.closed().await, Ok(()));
}

#[wasm_bindgen_test]
async fn what_cannot_share_says_why() {
    let Pair { near, far: _far, out, inn } = pair(ConnectOptions::new()).await;
    let unopened = near.connect("nobody at all", ConnectOptions::new()).expect("near is open");
    assert_eq!(unopened.connect(ConnectOptions::new()).err(), Some(Error::NotOpen));
    let all: Vec<_> = (0..32).map(|_| out.connect(ConnectOptions::new()).expect("room")).collect();
    assert_eq!(out.call(None, CallOptions::new()).err(), Some(Error::Limit));
    assert!(inn.connect(ConnectOptions::new()).is_ok(), "each end has its own");
    for one in all {
        assert_eq!(one.open().await, Ok(()));
    }
    out.close();
    assert_eq!(out.connect(ConnectOptions::new()).err(), Some(Error::Closed));
}
