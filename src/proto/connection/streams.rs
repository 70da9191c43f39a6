//! What the two ends say of the MediaStreams that they send.

use super::Connection;
use super::control::{StreamMetadata, write_stream};
use crate::proto::time::Millis;

/// How long the metadata of a stream may be, in bytes of JSON; and of how many streams it is kept.
pub const METADATA: usize = 16 << 10;
const STREAMS: usize = 64;

impl Connection {
    /// Tells the remote the metadata of a stream. To be called before the stream's tracks are added. False if it is longer
    /// than [`METADATA`].
    pub fn describe(&mut self, stream: &StreamMetadata, now: Millis) -> bool {
        let fits = stream.json.len() <= METADATA;
        if fits {
            self.send(write_stream(stream), now);
        }
        fits
    }

    /// What the remote has said of the stream of that id, which it sends or is about to send.
    pub fn stream(&self, id: &str) -> Option<&StreamMetadata> {
        self.streams.iter().find(|known| known.id == id)
    }

    /// Keeps the metadata of a stream, in the place of what was known of it, or of the oldest.
    pub(super) fn keep(&mut self, stream: StreamMetadata) {
        let known = self.streams.iter().position(|known| known.id == stream.id);
        if stream.json.len() > METADATA || (stream.json.is_empty() && known.is_some()) {
            return;
        }
        if known.is_some() || self.streams.len() >= STREAMS {
            self.streams.remove(known.unwrap_or_default());
        }
        self.streams.push(stream);
    }
}
