//! A model of receiving pieces of messages in any order, valid or not: compares with a simple implementation, and
//! bounds the memory.

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};
use peerjs_wasm::proto::chunk::assemble::{MAX_IDLE, MAX_SETS};

use super::memory;
use super::tree::encode::{Format, encode};
use super::tree::{End, Got, Tree, Value};

const TWICE: &str = "a piece of a message came twice";
const NUMBERS: &str = "a piece of a message has impossible numbers";

/// The limit of the limited end in bytes. It may really take `MOST`, in addition to its fixed buffers: the values of a
/// tree grow by doubling, and frames are kept whole.
const LIMIT: u64 = 256 << 10;
const MOST: isize = 4 * LIMIT as isize + (256 << 10);

/// How many values one operation makes at the most, and how many incomplete messages: just enough to exceed the limits,
/// so that the fuzzer is fast.
const MOST_VALUES: u16 = (LIMIT / 32 + 2000) as u16;
const MOST_SETS: u8 = MAX_SETS as u8 + 16;

#[derive(Clone, Debug)]
pub enum Op {
    /// A piece with any numbers, of one of a few messages.
    Piece {
        id: u32,
        n: u32,
        total: u32,
        data: Vec<u8>,
    },
    /// A message in pieces of `size` bytes, in order or with the first one last.
    Message {
        id: u32,
        packed: Vec<u8>,
        size: usize,
        late: bool,
    },
    /// A message of thousands of small values, more than the limited end accepts.
    Crowd {
        id: u32,
        count: u16,
        size: usize,
        late: bool,
    },
    /// The first pieces of this many messages, without further pieces.
    Flood {
        count: u8,
        data: Vec<u8>,
    },
    /// A large piece of a message that is never complete.
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

/// The frames that a remote sends.
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
        // After any input, a whole frame is still received.
        let text = Value::Text("still here".into());
        assert_eq!(world.end.frame(&encode(&text, Format::BinaryPack, false)), Got::Value(text));
    }
}

struct World {
    joined: Joined,
    end: End,
    /// An end with a low limit, which receives the same frames.
    poor: End,
    /// How many bytes the limited end has allocated and not freed.
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
                // If it is a piece itself, it would have to be joined first.
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

/// Returns the final result of a frame.
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

/// The simple implementation: keeps all pieces, and joins them once it has all of them.
#[derive(Default)]
struct Joined {
    now: f64,
    /// Ordered by the last piece: the latest comes last.
    sets: Vec<Set>,
}

struct Set {
    id: u32,
    total: u32,
    touched: f64,
    pieces: BTreeMap<u32, Vec<u8>>,
    /// Whether its pieces were invalid.
    failed: bool,
    /// Whether its bytes cannot be decoded, which was reported.
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
    /// Whether the message is complete and reported, and so forgotten.
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
            // An empty piece after the complete value may be reported either way.
            (Got::Nothing, Some(_)) if self.refused && self.pieces.values().any(Vec::is_empty) => {}
            (got, value) => panic!("{got:?} where it was {value:?}"),
        }
        false
    }
}
