//! Tracks that come and go on a live call.

use wasm_bindgen::JsCast;
use web_sys::MediaStreamTrack;

use super::*;

/// The two ends of a call that is answered: without a stream, sending nothing.
async fn call() -> (Peer, Peer, Call, Call) {
    let (near, far) = (peer("near").await, peer("far").await);
    let mut ringing = far.calls();
    let call = near.call(&far.id(), None, CallOptions::new()).expect("open");
    let answered = ringing.next().await.expect("far lives").answer(None).expect("not hung up");
    assert_eq!(call.answered().await, Ok(()));
    (near, far, call, answered)
}

fn track_of(stream: &MediaStream) -> MediaStreamTrack {
    stream.get_tracks().get(0).unchecked_into()
}

#[wasm_bindgen_test]
async fn a_stream_comes_with_its_metadata_and_goes() {
    let (_near, _far, out, inn) = call().await;
    for (from, to) in [(&out, &inn), (&inn, &out)] {
        let (picture, mut media) = (picture(), to.media());
        from.add_stream_with(&picture, &("screen", 1)).expect("open");
        let Some(MediaEvent::Stream(stream)) = media.next().await else { panic!("a stream") };
        assert_eq!(stream.id(), picture.id());
        assert_eq!(to.stream_metadata(&stream), Ok(Some(("screen".to_owned(), 1))));
        let Some(MediaEvent::Track(track, its)) = media.next().await else { panic!("a track") };
        assert_eq!((track.kind(), &its), ("video".into(), &stream));
        assert_eq!(to.remote_streams(), [Clone::clone(&stream)]);
        from.remove_stream(&picture).expect("sent");
        let Some(MediaEvent::StreamRemoved(removed)) = media.next().await else { panic!("its end") };
        assert_eq!((removed, to.remote_streams()), (stream, vec![]));
    }
}

#[wasm_bindgen_test]
async fn a_track_is_added_replaced_and_removed() {
    let (_near, _far, out, inn) = call().await;
    let (first, second) = (picture(), picture());
    let sender = out.add_track(&track_of(&first), &first).expect("open");
    let stream = inn.stream().await.expect("out sends one");
    assert_eq!((stream.id(), inn.stream_metadata::<u8>(&stream)), (first.id(), Ok(None)));
    assert_eq!(out.replace_track(&track_of(&first), Some(&track_of(&second))).await, Ok(()));
    assert_eq!(sender.track(), Some(track_of(&second)));
    out.remove_track(&track_of(&second)).expect("sent");
    assert_eq!(sender.track(), None);
}

#[wasm_bindgen_test]
async fn what_cannot_be_is_an_error() {
    let (near, far, out, _inn) = call().await;
    let picture = picture();
    let track = track_of(&picture);
    let not_sent = Error::WebRtc("this track is not sent over the call".into());
    assert_eq!(out.remove_track(&track), Err(not_sent.clone()));
    assert_eq!(out.replace_track(&track, None).await, Err(not_sent));
    let long = out.add_stream_with(&picture, &"x".repeat(20_000));
    assert!(matches!(long, Err(Error::Serialize(_))), "{long:?}");
    out.add_stream(&picture).expect("open");
    assert!(matches!(out.add_track(&track, &picture), Err(Error::WebRtc(_))));
    let ringing = near.call(&far.id(), None, CallOptions::new()).expect("open");
    assert_eq!(ringing.add_stream(&picture), Err(Error::NotOpen));
    out.close();
    assert_eq!(out.add_stream(&picture), Err(Error::Closed));
}
