//! Paths that are lost and found again.

use std::time::Duration;

use futures::StreamExt;

use super::*;
use crate::web::js::get;

async fn resuming(timeout: Option<Duration>) -> [Peer; 2] {
    let open = async |name| {
        builder(&unique(name)).resume(timeout).open().await.expect("the page's server takes everybody")
    };
    [open("near").await, open("far").await]
}

async fn joined([near, far]: &[Peer; 2]) -> [Connection; 2] {
    let out = near.connect(&far.id(), ConnectOptions::new()).expect("near is open");
    let inn = far.incoming().next().await.expect("far lives");
    assert_eq!((out.open().await, inn.open().await), (Ok(()), Ok(())));
    [out, inn]
}

#[wasm_bindgen_test]
async fn the_states_tell_of_a_path_that_is_lost_and_found() {
    let peers = resuming(Some(Duration::from_secs(60))).await;
    let [out, inn] = joined(&peers).await;
    let mut states = out.states();
    assert_eq!(states.next().await, Some(State::Open));
    // Not before the control channel is open, too.
    let lost = || {
        online();
        out.state() == State::Reconnecting
    };
    assert!(soon(lost).await, "{:?}", out.state());
    assert!(out.is_open());
    assert_eq!(out.try_send(&7), Ok(()));
    assert_eq!(states.next().await, Some(State::Reconnecting));
    assert_eq!(StreamExt::next(&mut states).await, Some(State::Open));
    assert_eq!(inn.messages::<u8>().next().await, Some(Ok(7)));
    out.close();
    assert_eq!(states.next().await, Some(State::Closed));
    assert_eq!(states.next().await, None);
}

#[wasm_bindgen_test]
async fn what_is_not_to_be_resumed_is_never_reconnecting() {
    let peers = resuming(None).await;
    let [out, inn] = joined(&peers).await;
    for number in 0..9 {
        out.send(&number).await.expect("open");
        assert_eq!(inn.messages::<u8>().next().await, Some(Ok(number)));
        online();
    }
    assert_eq!(out.state(), State::Open);
}

#[wasm_bindgen_test]
async fn another_path_is_looked_for_by_hand() {
    let peers = resuming(Some(Duration::from_secs(60))).await;
    let [out, inn] = joined(&peers).await;
    let ufrag = || {
        let sdp =
            get_text(&get(&out.peer_connection().into(), "localDescription"), "sdp").unwrap_or_default();
        sdp.lines().find(|line| line.starts_with("a=ice-ufrag:")).map(str::to_owned)
    };
    let early = peers[0].connect(&peers[1].id(), ConnectOptions::new()).expect("open");
    assert!(matches!(early.restart_ice(), Err(Error::Unsupported(_))));
    let before = ufrag();
    assert_eq!(out.restart_ice(), Ok(()));
    assert!(soon(|| ufrag() != before).await, "the same path");
    assert_eq!(out.send(&1).await, Ok(()));
    assert_eq!(inn.messages::<u8>().next().await, Some(Ok(1)));
    out.close();
    assert!(out.restart_ice().is_err());
}
