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

#[wasm_bindgen(inline_js = r#"
export function breaks(pc) {
  Object.defineProperty(pc, "connectionState", { value: "failed" });
  pc.dispatchEvent(new Event("connectionstatechange"));
}
export const isFirefox = () => navigator.userAgent.includes("Firefox");
export function refuses(pc) {
  const fields = { url: "turn:ice.example", errorCode: 401, errorText: "Unauthorized" };
  pc.dispatchEvent(Object.assign(new Event("icecandidateerror"), fields));
}
"#)]
extern "C" {
    fn breaks(pc: &JsValue);
    fn refuses(pc: &JsValue);
    #[wasm_bindgen(js_name = isFirefox)]
    fn is_firefox() -> bool;
}

/// Breaks a connection once the browser has said that it has a path, which may be after it is open.
async fn break_open(connection: &Connection) -> Error {
    let pc = connection.peer_connection().expect("open").into();
    assert!(soon(|| get_text(&pc, "connectionState").as_deref() == Some("connected")).await);
    breaks(&pc);
    connection.closed().await.expect_err("it is broken")
}

/// Two peers that may use a TURN server only, which is not there.
async fn without_relay() -> [Peer; 2] {
    let config = web_sys::RtcConfiguration::new();
    let server = r#"[{"urls":["turn:127.0.0.1:9?transport=tcp"],"username":"me","credential":"x"}]"#;
    config.set_ice_servers(&js_sys::JSON::parse(server).expect("JSON"));
    config.set_ice_transport_policy(web_sys::RtcIceTransportPolicy::Relay);
    let open = async |name| builder(&unique(name)).config(&config).open().await.expect("the page's server");
    [open("near").await, open("far").await]
}

#[wasm_bindgen_test]
async fn a_connection_without_a_path_says_what_is_to_be_done() {
    if is_firefox() {
        // It gives an end without candidates up before the answer has come.
        return;
    }
    let [near, far] = without_relay().await;
    let out = near.connect(&far.id(), ConnectOptions::new()).expect("near is open");
    let inn = far.incoming().next().await.expect("far lives");
    let answered = || {
        let pc = out.peer_connection().map(JsValue::from).unwrap_or_default();
        get(&pc, "remoteDescription").is_object()
    };
    assert!(soon(answered).await, "no answer");
    // What the browser does after half a minute.
    let pc = out.peer_connection().expect("there is one").into();
    for _ in 0..20 {
        refuses(&pc);
    }
    breaks(&pc);
    let error = out.open().await.expect_err("there is no path");
    assert!(matches!(error, Error::NegotiationFailed(_)), "{error:?}");
    let diagnosis = error.diagnosis().expect("a diagnosis");
    assert_eq!(diagnosis.advice, Advice::TurnRefused);
    assert_eq!((diagnosis.local, diagnosis.remote), Default::default());
    let refused =
        diagnosis.servers.iter().filter(|error| error.code == 401 && error.url == "turn:ice.example");
    assert!((1..=16).contains(&refused.count()), "{:?}", diagnosis.servers);
    assert_eq!(diagnosis.servers.len(), 16);
    assert_eq!(out.closed().await, Err(error));
    inn.close();
}

#[wasm_bindgen_test]
async fn a_connection_that_breaks_says_so() {
    let peers = resuming(None).await;
    let [out, _inn] = joined(&peers).await;
    peers[0].disconnect();
    let error = break_open(&out).await;
    let Error::ConnectionClosed(failure) = &error else { panic!("{error:?}") };
    assert_eq!(failure.message(), error.to_string());
    let diagnosis = error.diagnosis().expect("a diagnosis");
    assert_eq!(diagnosis.advice, Advice::SignallingLost);
    assert!(diagnosis.local.host > 0, "{diagnosis:?}");
    assert!(diagnosis.servers.is_empty());

    let peers = resuming(None).await;
    let [out, _inn] = joined(&peers).await;
    let error = break_open(&out).await;
    assert_eq!(error.diagnosis().map(|it| it.advice), Some(Advice::PathLost));
}
