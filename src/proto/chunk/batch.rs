//! Small messages that share a frame: a mark, and an array of them. Only between peers that have announced
//! [`Features::batch`](crate::proto::message::Features::batch): to PeerJS the mark is no value.

/// What a frame begins with that is a batch: a byte that begins no value, and the head of an array with a count of two
/// bytes.
pub(super) const MARK: [u8; 2] = [0xc4, 0xdc];

/// What stands before the messages.
const HEADER: usize = MARK.len() + 2;

/// A longer message goes alone: it gains next to nothing.
const SMALL: usize = 1 << 10;

/// A batch is no longer, so that the far side decodes it in one go.
const FULL: usize = 16 << 10;

/// Messages in one frame.
pub struct Batch {
    bytes: Vec<u8>,
    count: u16,
}

impl Batch {
    /// Whether this message, in BinaryPack, is to share a frame.
    pub fn takes(message: &[u8]) -> bool {
        message.len() <= SMALL
    }

    /// Begins with this message.
    pub fn new(message: &[u8]) -> Self {
        let mut batch = Self { bytes: Vec::from([MARK[0], MARK[1], 0, 0]), count: 0 };
        batch.add(message);
        batch
    }

    /// Adds a message if there is room for it. Returns whether there was.
    pub fn add(&mut self, message: &[u8]) -> bool {
        let room = self.bytes.len() + message.len() <= FULL;
        if room {
            self.bytes.extend_from_slice(message);
            self.count += 1;
        }
        room
    }

    /// How many messages there are.
    pub fn count(&self) -> usize {
        self.count.into()
    }

    /// The frame. One message goes as it would alone.
    pub fn frame(&mut self) -> &[u8] {
        let [high, low] = self.count.to_be_bytes();
        if let [_, _, first, second, ..] = &mut *self.bytes {
            (*first, *second) = (high, low);
        }
        self.bytes.get(if self.count == 1 { HEADER } else { 0 }..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_goes_as_it_would_alone() {
        assert_eq!(Batch::new(&[1]).frame(), [1]);
    }

    #[test]
    fn several_go_as_an_array_behind_the_mark() {
        let mut batch = Batch::new(&[1]);
        assert!(batch.add(&[0xb1, b'x']));
        assert_eq!(batch.frame(), [0xc4, 0xdc, 0, 2, 1, 0xb1, b'x']);
        assert_eq!(batch.count(), 2);
    }

    #[test]
    fn a_batch_ends_where_the_far_side_decodes_in_one_go() {
        let mut batch = Batch::new(&[]);
        while batch.add(&[7; SMALL]) {}
        assert!(batch.frame().len() <= FULL && batch.frame().len() > FULL - SMALL);
    }

    #[test]
    fn what_is_long_goes_alone() {
        assert!(Batch::takes(&[0; SMALL]));
        assert!(!Batch::takes(&[0; SMALL + 1]));
    }
}
