//! What a call carries, changed while it runs.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::JSON;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MediaStream, MediaStreamTrack, RtcRtpSender};

use super::Call;
use crate::api::error::Error;
use crate::api::link::text;
use crate::api::media::MediaEvents;
use crate::api::queue::Waiting;
use crate::api::value::{from_js, to_json};
use crate::proto::connection::Stage;
use crate::web::promise::settle;

impl Call {
    /// What changes in what the remote sends, from now on and what was not taken yet.
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Call, MediaEvent};
    /// # async fn example(call: Call) {
    /// let mut media = call.media();
    /// while let Some(event) = media.next().await {
    ///     if let MediaEvent::Stream(stream) = event {
    ///         let is_screen = call.stream_metadata::<String>(&stream).ok().flatten().as_deref() == Some("screen");
    ///     }
    /// }
    /// # }
    /// ```
    pub fn media(&self) -> MediaEvents {
        MediaEvents(Rc::clone(&self.0.listener.remote))
    }

    /// The streams of which the remote sends at least one track.
    pub fn remote_streams(&self) -> Vec<MediaStream> {
        self.0.listener.remote.streams()
    }

    /// What the remote says of a stream that it sends, as a type of one's own; `None` if it says nothing.
    ///
    /// # Errors
    /// [`Error::Deserialize`] when it is of another type.
    pub fn stream_metadata<T: DeserializeOwned>(&self, stream: &MediaStream) -> Result<Option<T>, Error> {
        let metadata = self.0.connection.metadata_of(&stream.id());
        if metadata.is_undefined() { Ok(None) } else { from_js(&metadata).map(Some) }
    }

    /// Sends all tracks of another stream: a screen, a second camera.
    ///
    /// # Errors
    /// Those of [`add_track`](Self::add_track).
    pub fn add_stream(&self, stream: &MediaStream) -> Result<(), Error> {
        for track in stream.get_tracks() {
            self.add_track(&track.unchecked_into(), stream)?;
        }
        Ok(())
    }

    /// Sends all tracks of another stream, and `metadata`, which the remote gets with it: any value that JSON can hold, of
    /// at most 16 KiB.
    ///
    /// ```no_run
    /// # use peerjs_wasm::{Call, Error};
    /// # fn example(call: Call, screen: web_sys::MediaStream) -> Result<(), Error> {
    /// call.add_stream_with(&screen, "screen")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`add_track`](Self::add_track), and [`Error::Serialize`] for metadata that is no JSON or too long.
    pub fn add_stream_with<T: Serialize + ?Sized>(
        &self,
        stream: &MediaStream,
        metadata: &T,
    ) -> Result<(), Error> {
        self.require_control("add_stream_with")?;
        let json = JSON::stringify(&to_json(metadata)?).map(String::from).unwrap_or_default();
        if !self.0.connection.describe(stream.id(), json) {
            return Err(Error::Serialize("the metadata of a stream may have 16 KiB as JSON".into()));
        }
        self.add_stream(stream)
    }

    /// Sends another track, which belongs to `stream` for the remote.
    ///
    /// # Errors
    /// [`Error::NotOpen`] before the call is answered, [`Error::Closed`] when it is over, [`Error::Unsupported`] when the
    /// remote runs PeerJS, [`Error::WebRtc`] when the track is sent already.
    pub fn add_track(&self, track: &MediaStreamTrack, stream: &MediaStream) -> Result<RtcRtpSender, Error> {
        self.require_control("add_track")?;
        self.0.connection.add_track(track, stream).map(JsCast::unchecked_into).map_err(webrtc)
    }

    /// Sends no track of `stream` any longer. The tracks go on.
    ///
    /// # Errors
    /// Those of [`remove_track`](Self::remove_track).
    pub fn remove_stream(&self, stream: &MediaStream) -> Result<(), Error> {
        stream.get_tracks().iter().try_for_each(|track| self.remove_track(&track.unchecked_into()))
    }

    /// Sends a track no longer. It goes on.
    ///
    /// # Errors
    /// Those of [`add_track`](Self::add_track), and [`Error::WebRtc`] when the track is not sent.
    pub fn remove_track(&self, track: &MediaStreamTrack) -> Result<(), Error> {
        self.require_control("remove_track")?;
        let sender = self.sender(track)?;
        if let Some(pc) = self.peer_connection() {
            pc.remove_track(&sender);
        }
        Ok(())
    }

    /// Sends `new` in the place of `old`, or nothing for now. Works towards PeerJS too, since the remote need not agree.
    ///
    /// # Errors
    /// [`Error::WebRtc`] when `old` is not sent, or `new` is of another kind.
    pub async fn replace_track(
        &self,
        old: &MediaStreamTrack,
        new: Option<&MediaStreamTrack>,
    ) -> Result<(), Error> {
        let replaced = self.sender(old)?.replace_track(new);
        let done = Rc::new((RefCell::new(None), Waiting::default()));
        let settled = Rc::clone(&done);
        settle(Ok(replaced), move |result| {
            settled.0.replace(Some(result));
            settled.1.wake();
        });
        done.1.until(|| done.0.take()).await.map(drop).map_err(webrtc)
    }

    /// An error unless the call is open and the remote renegotiates, as `what` needs it.
    fn require_control(&self, what: &str) -> Result<(), Error> {
        let link = &self.0.listener.link;
        match link.stage() {
            Stage::Negotiating => Err(Error::NotOpen),
            Stage::Closed => Err(link.why_closed()),
            Stage::Open if self.0.connection.has_control() => Ok(()),
            Stage::Open => Err(Error::unsupported(what)),
        }
    }

    /// The sender of a track.
    fn sender(&self, track: &MediaStreamTrack) -> Result<RtcRtpSender, Error> {
        let senders = self.peer_connection().map(|pc| pc.get_senders()).unwrap_or_default();
        let own = senders.iter().filter(|sender| self.0.connection.is_own(sender));
        let mut senders = own.map(JsCast::unchecked_into::<RtcRtpSender>);
        let sender = senders.find(|sender| sender.track().as_ref() == Some(track));
        sender.ok_or_else(|| Error::WebRtc("this track is not sent over the call".into()))
    }
}

#[allow(clippy::needless_pass_by_value, reason = "for map_err")]
fn webrtc(error: JsValue) -> Error {
    Error::WebRtc(text(&error))
}
