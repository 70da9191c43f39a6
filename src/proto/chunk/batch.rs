//! Batches small messages into one frame: a mark and an array of them. Sent only to a remote that has announced
//! [`Features::batch`](crate::proto::message::Features::batch), because PeerJS cannot decode the mark.

/// The first bytes of a batch: a byte with which no BinaryPack value begins, and the head of an array with a count of
/// two bytes.
pub(super) const MARK: [u8; 2] = [0xc4, 0xdc];

/// Length of the bytes before the messages.
const BATCH_HEADER: usize = MARK.len() + 2;

/// The longest message that is batched, in bytes: longer ones gain next to nothing.
const SMALL: usize = 1 << 10;

/// The longest batch in bytes: the remote decodes it in one window.
const FULL: usize = 16 << 10;

/// A frame of several messages.
pub struct Batch {
    bytes: Vec<u8>,
    count: u16,
}

impl Batch {
    /// Whether this message, encoded as BinaryPack, is small enough for a batch.
    pub fn takes(message: &[u8]) -> bool {
        message.len() <= SMALL
    }

    /// A batch of one message.
    pub fn new(message: &[u8]) -> Self {
        let mut batch = Self { bytes: Vec::from([MARK[0], MARK[1], 0, 0]), count: 0 };
        batch.add(message);
        batch
    }

    /// Adds a message if it fits into the batch. Returns whether it did.
    pub fn add(&mut self, message: &[u8]) -> bool {
        let fits = self.bytes.len() + message.len() <= FULL;
        if fits {
            self.bytes.extend_from_slice(message);
            self.count += 1;
        }
        fits
    }

    /// Returns the number of messages.
    pub fn count(&self) -> usize {
        self.count.into()
    }

    /// Returns the bytes of the frame. A single message is sent without the mark, as if there were no batch.
    pub fn frame(&mut self) -> &[u8] {
        let [high, low] = self.count.to_be_bytes();
        if let [_, _, first, second, ..] = &mut *self.bytes {
            (*first, *second) = (high, low);
        }
        self.bytes.get(if self.count == 1 { BATCH_HEADER } else { 0 }..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_message_is_sent_without_the_mark() {
        assert_eq!(Batch::new(&[1]).frame(), [1]);
    }

    #[test]
    fn several_messages_are_sent_as_an_array_after_the_mark() {
        let mut batch = Batch::new(&[1]);
        assert!(batch.add(&[0xb1, b'x']));
        assert_eq!(batch.frame(), [0xc4, 0xdc, 0, 2, 1, 0xb1, b'x']);
        assert_eq!(batch.count(), 2);
    }

    #[test]
    fn a_batch_fits_into_the_window_of_the_remote() {
        let mut batch = Batch::new(&[]);
        while batch.add(&[7; SMALL]) {}
        assert!(batch.frame().len() <= FULL && batch.frame().len() > FULL - SMALL);
    }

    #[test]
    fn long_messages_are_not_batched() {
        assert!(Batch::takes(&[0; SMALL]));
        assert!(!Batch::takes(&[0; SMALL + 1]));
    }
}
