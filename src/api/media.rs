//! The tracks of a call: those that this end sends, and the streams that the remote sends.

use std::cell::RefCell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MediaStream, MediaStreamTrack};

use super::queue::Queue;
use crate::web::js::get;
use crate::web::listener::EventListener;

/// How many events are kept for an application that does not take them; then the oldest are dropped.
const BACKLOG: usize = 256;

/// A change of what the remote sends in a call.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MediaEvent {
    /// A stream has come. [`Call::stream_metadata`](crate::Call::stream_metadata) gives what the remote says of it.
    Stream(MediaStream),
    /// A track has come, which belongs to this stream.
    Track(MediaStreamTrack, MediaStream),
    /// The remote sends no track of this stream any longer.
    StreamRemoved(MediaStream),
}

/// The events of one call: [`Call::media`](crate::Call::media). They end with the call.
pub struct MediaEvents(pub(super) Rc<Remote>);

impl MediaEvents {
    /// Takes the next event if there is one now.
    pub fn try_next(&mut self) -> Option<MediaEvent> {
        self.0.events.take()
    }

    /// Waits for the next event; `None` when the call is over.
    pub async fn next(&mut self) -> Option<MediaEvent> {
        std::future::poll_fn(|context| self.0.events.poll(context)).await
    }
}

impl Stream for MediaEvents {
    type Item = MediaEvent;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<MediaEvent>> {
        self.0.events.poll(context)
    }
}

impl fmt::Debug for MediaEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaEvents").field("waiting", &self.0.events.len()).finish()
    }
}

/// What the remote sends.
#[derive(Default)]
pub(super) struct Remote {
    streams: RefCell<Vec<(MediaStream, EventListener)>>,
    events: Queue<MediaEvent>,
}

impl Remote {
    /// A track has come: `event` is the browser's event `track`. A track without a stream gets one.
    pub(super) fn receive(self: &Rc<Self>, event: &JsValue) {
        let track: MediaStreamTrack = get(event, "track").unchecked_into();
        let mut stream: MediaStream = get(&get(event, "streams"), "0").unchecked_into();
        if stream.is_undefined() {
            let Ok(alone) = MediaStream::new_with_tracks(&Array::of1(&track)) else { return };
            stream = alone;
        }
        if !self.streams().contains(&stream) {
            let (remote, watched) = (Rc::downgrade(self), same(&stream));
            let listener = EventListener::new(&stream, "removetrack", move |_| {
                if let Some(remote) = remote.upgrade() {
                    remote.track_removed(&watched);
                }
            });
            self.streams.borrow_mut().push((same(&stream), listener));
            self.push(MediaEvent::Stream(same(&stream)));
        }
        self.push(MediaEvent::Track(track, stream));
    }

    fn track_removed(&self, stream: &MediaStream) {
        if stream.get_tracks().length() > 0 {
            return;
        }
        let position = self.streams.borrow().iter().position(|(known, _)| known == stream);
        if let Some(position) = position {
            let (stream, _listener) = self.streams.borrow_mut().remove(position);
            self.push(MediaEvent::StreamRemoved(stream));
        }
    }

    pub(super) fn streams(&self) -> Vec<MediaStream> {
        self.streams.borrow().iter().map(|(stream, _)| same(stream)).collect()
    }

    /// The call is over.
    pub(super) fn end(&self) {
        self.streams.take();
        self.events.end();
    }

    fn push(&self, event: MediaEvent) {
        if self.events.len() >= BACKLOG {
            self.events.drop_first();
        }
        self.events.push(event);
    }
}

/// The same stream once more. Its own method `clone` is that of JavaScript, which makes another stream with other tracks.
fn same(stream: &MediaStream) -> MediaStream {
    Clone::clone(stream)
}
