//! Pieces of messages in any order, honest or not, against a plain way to join them; and what they make us keep.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};
use peerjs_wasm::proto::chunk::assemble::{MAX_IDLE, MAX_SETS};

use super::memory;
use super::tree::encode::{Format, encode};
use super::tree::{End, Got, Tree, Value};

const TWICE: &str = "a piece of a message came twice";
const NUMBERS: &str = "a piece of a message has impossible numbers";

/// What an end may keep that is told to keep little, and how much more than that it may really take: the values of a
/// tree grow by doubling, and frames are kept whole. What it needs anyway comes on top.
const LIMIT: u64 = 256 << 10;
const MOST: isize = 4 * LIMIT as isize + (256 << 10);

/// An operation makes no more values, at 32 bytes each, and no more unfinished messages than go somewhat beyond a limit:
/// the fuzzer is to try many inputs.
const MOST_VALUES: u16 = (LIMIT / 32 + 2000) as u16;
const MOST_SETS: u8 = MAX_SETS as u8 + 16;

#[derive(Clone, Debug)]
pub enum Op {
    /// Any piece of one of a few messages.
    Piece {
        id: u32,
        n: u32,
        total: u32,
        data: Vec<u8>,
    },
    /// A message in pieces of `size` bytes; in its order, or the first one last.
    Message {
        id: u32,
        packed: Vec<u8>,
        size: usize,
        late: bool,
    },
    /// A message of thousands of small values, more than the poor end takes.
    Crowd {
        id: u32,
        count: u16,
        size: usize,
        late: bool,
    },
    /// The first pieces of so many messages that never go on.
    Flood {
        count: u8,
        data: Vec<u8>,
    },
    /// A large piece of a message that never ends.
    Bulk {
        id: u32,
        n: u32,
        byte: u8,
        len: u16,
    },
    /// Any frame.
    Frame(Vec<u8>),
    Wait,
}

impl<'a> Arbitrary<'a> for Op {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let few = |u: &mut Unstructured<'a>| {
            let count = u.int_in_range(0..=24)?;
            Ok(u.bytes(count)?.to_vec())
        };
        let id = u.int_in_range(1..=3)?;
        Ok(match u.int_in_range(0..=19)? {
            0..=8 => {
                Self::Piece { id, n: u.int_in_range(0..=4)?, total: u.int_in_range(0..=4)?, data: few(u)? }
            }
            9..=12 => {
                Self::Message { id, packed: few(u)?, size: u.int_in_range(1..=9)?, late: u.arbitrary()? }
            }
            13 => Self::Crowd {
                id,
                count: u.arbitrary()?,
                size: u.int_in_range(8..=3000)?,
                late: u.arbitrary()?,
            },
            14 => Self::Flood { count: u.arbitrary()?, data: few(u)? },
            15..=16 => {
                Self::Bulk { id, n: u.int_in_range(0..=9)?, byte: u.arbitrary()?, len: u.arbitrary()? }
            }
            17..=18 => Self::Frame(few(u)?),
            _ => Self::Wait,
        })
    }
}

/// What a far side sends.
#[derive(Clone, Debug, Arbitrary)]
pub struct Pieces(Vec<Op>);

impl Pieces {
    pub fn run(self) {
        let mut world = World {
            joined: Joined::default(),
            end: End::new(),
            poor: End::limited(LIMIT),
            kept: 0,
            floods: 0,
        };
        for op in self.0 {
            world.apply(op);
            assert!(world.kept <= MOST, "{} bytes are kept", world.kept);
        }
        // Whatever it was, a whole frame still comes through.
        let text = Value::Text("still here".into());
        assert_eq!(world.end.frame(&encode(&text, Format::BinaryPack, false)), Got::Value(text));
    }
}

struct World {
    joined: Joined,
    end: End,
    /// The same, with little room.
    poor: End,
    /// How many bytes that one has taken and not given back.
    kept: isize,
    floods: u32,
}

impl World {
    fn apply(&mut self, op: Op) {
        match op {
            Op::Piece { id, n, total, data } => self.piece(id, n, total, &data),
            Op::Message { id, packed, size, late } => self.message(id, &packed, size, late),
            Op::Crowd { id, count, size, late } => {
                let (count, size) = (count % MOST_VALUES, size.max(usize::from(count % MOST_VALUES) / 32));
                let mut packed = vec![0xdc];
                packed.extend_from_slice(&count.to_be_bytes());
                packed.extend((0..count).map(|_| 0xc0));
                self.message(id, &packed, size, late);
            }
            Op::Flood { count, data } => {
                for _ in 0..count % MOST_SETS {
                    self.floods += 1;
                    self.piece(1000 + self.floods, 0, 2, &data);
                }
            }
            Op::Bulk { id, n, byte, len } => {
                let frame = piece(id + 10, n, u32::MAX, &vec![byte; len.into()]);
                self.poorly(&frame);
            }
            Op::Frame(bytes) => {
                // One that is a piece would have to be taken apart first.
                if bytes.first() != Some(&0x84) {
                    settled(&mut self.end, &bytes);
                    self.poorly(&bytes);
                }
            }
            Op::Wait => {
                for now in [&mut self.end.now, &mut self.poor.now, &mut self.joined.now] {
                    *now += MAX_IDLE + 1.0;
                }
            }
        }
    }

    fn message(&mut self, id: u32, packed: &[u8], size: usize, late: bool) {
        let parts: Vec<_> = packed.chunks(size).collect();
        let total = parts.len() as u32;
        let mut order: Vec<_> = (0..total).zip(parts).collect();
        if late && !order.is_empty() {
            order.rotate_left(1);
        }
        for (n, part) in order {
            self.piece(id, n, total, part);
        }
    }

    fn piece(&mut self, id: u32, n: u32, total: u32, data: &[u8]) {
        let frame = piece(id, n, total, data);
        self.poorly(&frame);
        let got = settled(&mut self.end, &frame);
        self.joined.check(id, n, total, data, got);
    }

    fn poorly(&mut self, frame: &[u8]) {
        let before = memory::held();
        drop(settled(&mut self.poor, frame));
        self.kept += memory::held() - before;
    }
}

/// What comes of a frame in the end.
fn settled(end: &mut End, frame: &[u8]) -> Got {
    let mut got = end.frame(frame);
    for _ in 0..100_000 {
        if got != Got::Unfinished {
            return got;
        }
        got = end.resume();
    }
    panic!("it always has more to do");
}

fn piece(id: u32, n: u32, total: u32, data: &[u8]) -> Vec<u8> {
    let number = |name: &str, number: u32| (name.to_owned(), Value::Number(number.into()));
    let data = ("data".to_owned(), Value::Bytes(data.to_vec()));
    let map = vec![number("__peerData", id), number("n", n), number("total", total), data];
    encode(&Value::Map(map), Format::BinaryPack, false)
}

/// The plain way: keeps all pieces, and joins them when they are all there.
#[derive(Default)]
struct Joined {
    now: f64,
    /// The one that was touched last comes last.
    sets: Vec<Set>,
}

struct Set {
    id: u32,
    total: u32,
    touched: f64,
    pieces: BTreeMap<u32, Vec<u8>>,
    /// Something was wrong with its pieces.
    failed: bool,
    /// What has come of it cannot become a value, which was told.
    refused: bool,
}

impl Joined {
    fn check(&mut self, id: u32, n: u32, total: u32, data: &[u8], got: Got) {
        let now = self.now;
        self.sets.retain(|set| now - set.touched <= MAX_IDLE || set.id == id);
        let mut set = match self.sets.iter().position(|set| set.id == id) {
            Some(at) => self.sets.remove(at),
            None => {
                let pieces = BTreeMap::new();
                Set { id, total, touched: now, pieces, failed: false, refused: false }
            }
        };
        set.touched = now;
        let whole = set.take(n, total, data, got);
        if !whole {
            self.sets.push(set);
            while self.sets.len() > MAX_SETS {
                self.sets.remove(0);
            }
        }
    }
}

impl Set {
    /// Whether the message is complete and told, and so forgotten.
    fn take(&mut self, n: u32, total: u32, data: &[u8], got: Got) -> bool {
        if self.failed {
            assert_eq!(got, Got::Nothing, "of a message that had failed");
            return false;
        }
        let fault = if n >= total || total != self.total {
            Some(NUMBERS)
        } else if self.pieces.contains_key(&n) {
            Some(TWICE)
        } else {
            None
        };
        if let Some(fault) = fault {
            self.failed = true;
            let expected = if self.refused { Got::Nothing } else { Got::Invalid(fault) };
            assert_eq!(got, expected);
            return false;
        }
        self.pieces.insert(n, data.to_vec());
        let complete = self.pieces.len() == total as usize;
        let packed: Vec<u8> =
            if complete { self.pieces.values().flatten().copied().collect() } else { Vec::new() };
        let value = if complete { Tree::default().unpack(&packed).ok() } else { None };
        match (got, value) {
            (Got::Value(came), Some(value)) if !self.refused => {
                // NaN is not equal to itself.
                if came != value {
                    assert_eq!(format!("{came:?}"), format!("{value:?}"));
                }
                return true;
            }
            (Got::Invalid(_), None) if !self.refused => self.refused = true,
            (Got::Nothing, None) if self.refused || !complete => {}
            // Nobody sends an empty piece behind what is complete.
            (Got::Nothing, Some(_)) if self.refused && self.pieces.values().any(Vec::is_empty) => {}
            (got, value) => panic!("{got:?} where it was {value:?}"),
        }
        false
    }
}
