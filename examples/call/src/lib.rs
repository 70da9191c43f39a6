//! Calls, with camera and microphone: with another page of this example, or with one that runs PeerJS.

use std::cell::RefCell;
use std::rc::Rc;

use peerjs_wasm::{Call, CallOptions, Error, Peer};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{HtmlVideoElement, MediaStream, MediaStreamConstraints};

/// The call that is under way, one at a time.
type Line = Rc<RefCell<Option<Call>>>;

#[wasm_bindgen(start)]
async fn main() {
    if let Err(error) = run().await {
        page::show("error", &error);
    }
}

async fn run() -> Result<(), String> {
    let camera = camera().await.map_err(|_| "There is no camera, or it may not be used.")?;
    play("near", Some(&camera));
    let peer = page::server().open().await.map_err(|error| error.to_string())?;
    page::set_text("id", &peer.id());
    let line = Line::default();

    let (caller, stream, ours) = (peer.clone(), camera.clone(), Rc::clone(&line));
    page::on_submit("call", "to", move |id| match caller.call(&id, Some(&stream), CallOptions::new()) {
        Ok(call) => spawn_local(talk(call, Rc::clone(&ours))),
        Err(error) => page::show("error", &error.to_string()),
    });
    let ours = Rc::clone(&line);
    // A call is hung up with its last handle, but `talk` has one, too.
    page::on("hang-up", "click", move |_| {
        if let Some(call) = ours.take() {
            call.close();
        }
    });
    answer(&peer, &camera, line).await.map_err(|error| error.to_string())
}

async fn answer(peer: &Peer, camera: &MediaStream, line: Line) -> Result<(), Error> {
    let mut calls = peer.calls();
    while let Some(ringing) = calls.next().await {
        let is_busy = line.borrow().as_ref().is_some_and(Call::is_open);
        if is_busy {
            ringing.decline();
            continue;
        }
        page::show("note", &format!("{} calls", ringing.peer()));
        match ringing.answer(Some(camera)) {
            Ok(call) => spawn_local(talk(call, Rc::clone(&line))),
            // The caller has hung up already.
            Err(error) => page::show("note", &error.to_string()),
        }
    }
    Ok(())
}

/// Shows what the far side sends until one of the two hangs up.
async fn talk(call: Call, line: Line) {
    line.replace(Some(call.clone()));
    match call.stream().await {
        Ok(stream) => play("far", Some(&stream)),
        Err(error) => page::show("note", &error.to_string()),
    }
    match call.closed().await {
        Ok(()) => page::show("note", "hung up"),
        Err(error) => page::show("error", &error.to_string()),
    }
    play("far", None);
    line.borrow_mut().take_if(|current| *current == call);
}

async fn camera() -> Result<MediaStream, JsValue> {
    let devices = web_sys::window().expect_throw("this runs in a page").navigator().media_devices()?;
    let both = MediaStreamConstraints::new();
    both.set_audio(&JsValue::TRUE);
    both.set_video(&JsValue::TRUE);
    let stream = JsFuture::from(devices.get_user_media_with_constraints(&both)?).await?;
    Ok(stream.unchecked_into())
}

fn play(id: &str, stream: Option<&MediaStream>) {
    let video: HtmlVideoElement = page::element(id);
    video.set_src_object(stream);
    if stream.is_some() {
        // It is rejected if the stream ends first, which is told elsewhere, and where nobody has used the page yet, which the
        // controls of the element are for.
        let playing = video.play();
        spawn_local(async move {
            if let Ok(playing) = playing {
                let _ = JsFuture::from(playing).await;
            }
        });
    }
}
