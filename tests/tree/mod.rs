//! A `Page` without a browser: builds values as trees from the tape, as js/codec/reader.js does.
#![allow(dead_code, reason = "each test binary uses its own part")]
pub mod encode;
#[cfg(test)]
pub mod generate;
pub mod tape;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use peerjs_wasm::proto::codec::decode::Tape;
use peerjs_wasm::proto::codec::tape::{NAN, read};
use peerjs_wasm::proto::inbound::{Inbound, LIMIT, OutOfMemory, Page, Received, Scratch};

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Bytes(Vec<u8>),
    Array(Vec<Value>),
    Map(Vec<(String, Value)>),
    Date(f64),
    Ext(i8, Vec<u8>),
}

/// A value that is being built.
pub struct Build {
    open: Vec<Open>,
    /// The complete values, in order.
    pub done: Vec<Value>,
    long: Option<Long>,
    extension: Option<i8>,
}

struct Open {
    value: Value,
    left: u32,
    key: Option<String>,
}

struct Long {
    size: u32,
    is_text: bool,
    bytes: Vec<u8>,
}

/// A page whose frames are shared byte slices.
#[derive(Default)]
pub struct Tree {
    known: RefCell<HashMap<u32, String>>,
    /// The largest allocation that was requested for one value.
    pub room: RefCell<u32>,
    done: RefCell<Option<Value>>,
}

impl Page for Tree {
    type Source = Rc<[u8]>;
    type Build = Build;

    fn load(&self, source: &Rc<[u8]>, at: u32, into: &mut [u8]) {
        into.copy_from_slice(&source[at as usize..at as usize + into.len()]);
    }

    fn start(&self) -> Build {
        Build { open: Vec::new(), done: Vec::new(), long: None, extension: None }
    }

    fn read(
        &self,
        build: &mut Build,
        window: &[u8],
        _: Range<usize>,
        tape: &mut Tape,
    ) -> Result<(), OutOfMemory> {
        let header = tape.slots()[0];
        let text = &tape.text()[..(header >> 32) as usize];
        let mut slots = tape.slots()[1..=header as u32 as usize].iter();
        while let Some(&slot) = slots.next() {
            let (tag, low) = ((slot >> 32) as u32, slot as u32);
            let start = (low & ((1 << read::RANGE_SHIFT) - 1)) as usize;
            let range = |len: u32| start..start + len as usize;
            let long = || Long { size: low, is_text: tag == read::LONG_TEXT, bytes: Vec::new() };
            let value = match tag {
                read::NULL => Value::Null,
                read::UNDEFINED => Value::Undefined,
                read::FALSE => Value::Bool(false),
                read::TRUE => Value::Bool(true),
                read::TEXT => lossy(&text[range(low >> read::RANGE_SHIFT)]),
                read::WIDE => lossy(&window[range(low >> read::RANGE_SHIFT)]),
                read::BYTES => build.binary(window[range(low >> read::RANGE_SHIFT)].to_vec()),
                read::ARRAY => Value::Array(Vec::with_capacity(low as usize)),
                read::LIST => Value::Array(Vec::new()),
                read::NUMBERS => {
                    let numbers = slots.by_ref().take(low as usize);
                    Value::Array(numbers.map(|slot| Value::Number(f64::from_bits(*slot))).collect())
                }
                read::MAP => Value::Map(Vec::new()),
                read::KNOWN => Value::Text(self.known.borrow()[&low].clone()),
                read::NEW => {
                    let Value::Text(new) = lossy(&text[range(low >> read::RANGE_SHIFT & 31)]) else {
                        panic!()
                    };
                    self.known.borrow_mut().insert(low >> read::PLACE_SHIFT, new.clone());
                    Value::Text(new)
                }
                read::PROTO => Value::Text("__proto__".into()),
                read::LONG_TEXT | read::LONG_BYTES => {
                    build.long = Some(long());
                    assert!(slots.next().is_none(), "a long string or binary is the last token");
                    break;
                }
                read::DATE => Value::Date(f64::from_bits(*slots.next().unwrap())),
                read::EXT => {
                    build.extension = Some(low as u8 as i8);
                    continue;
                }
                _ => {
                    assert!(tag & read::BOXED != read::BOXED, "an unknown token");
                    let number = f64::from_bits(slot);
                    assert!(!number.is_nan() || slot == NAN, "a NaN that looks like a token");
                    Value::Number(number)
                }
            };
            let opens = if matches!(tag, read::ARRAY | read::LIST | read::MAP) { low } else { 0 };
            build.take_in(value, opens);
        }
        tape.mark_read();
        self.keep(build);
        Ok(())
    }

    fn fill(
        &self,
        build: &mut Build,
        source: &Rc<[u8]>,
        at: u32,
        count: u32,
        room: u32,
    ) -> Result<(), OutOfMemory> {
        self.room.replace_with(|most| room.max(*most));
        let long = build.long.as_mut().unwrap();
        long.bytes.reserve_exact(room as usize - long.bytes.len());
        long.bytes.extend_from_slice(&source[at as usize..][..count as usize]);
        assert!(long.bytes.len() <= room as usize, "more bytes than room");
        assert!(room <= long.size, "more room than can be needed");
        if long.bytes.len() == long.size as usize {
            let Long { is_text, bytes, .. } = build.long.take().unwrap();
            let value = if is_text { lossy(&bytes) } else { build.binary(bytes) };
            build.take_in(value, 0);
            self.keep(build);
        }
        Ok(())
    }
}

impl Tree {
    fn keep(&self, build: &Build) {
        if let Some(done) = build.done.last() {
            self.done.replace(Some(done.clone()));
        }
    }

    /// Returns the last received value.
    pub fn value(&self, scratch: &mut Scratch) -> Option<Value> {
        if scratch.tape().slots()[0] as u32 > 0 {
            let mut build = self.start();
            let window = scratch.window().to_vec();
            let _ = self.read(&mut build, &window, 0..0, scratch.tape());
        }
        self.done.take()
    }

    pub fn unpack(&self, bytes: &[u8]) -> Result<Value, &'static str> {
        let mut scratch = Scratch::new();
        scratch.unpack(self, &bytes.into(), 0, bytes.len() as u32)?;
        Ok(self.value(&mut scratch).expect("a value, since nothing was wrong"))
    }
}

impl Build {
    fn binary(&mut self, bytes: Vec<u8>) -> Value {
        match self.extension.take() {
            Some(kind) => Value::Ext(kind, bytes),
            None => Value::Bytes(bytes),
        }
    }

    fn take_in(&mut self, value: Value, opens: u32) {
        if opens > 0 {
            return self.open.push(Open { value, left: opens, key: None });
        }
        let mut value = value;
        loop {
            let Some(open) = self.open.last_mut() else {
                return self.done.push(value);
            };
            match (&mut open.value, open.key.take()) {
                (Value::Array(members), _) => members.push(value),
                (Value::Map(_), None) => {
                    open.key = Some(key(value));
                    return;
                }
                (Value::Map(entries), Some(key)) => {
                    // The last of equal keys wins, at the position of the first one.
                    match entries.iter_mut().find(|(other, _)| *other == key) {
                        Some(entry) => entry.1 = value,
                        None => entries.push((key, value)),
                    }
                }
                _ => panic!("not a container"),
            }
            open.left -= 1;
            if open.left > 0 {
                return;
            }
            value = self.open.pop().unwrap().value;
        }
    }
}

fn lossy(bytes: &[u8]) -> Value {
    Value::Text(String::from_utf8_lossy(bytes).into_owned())
}

fn key(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
        other => format!("{other:?}"),
    }
}

/// The receiving side of a connection, with a page.
pub struct End {
    pub page: Tree,
    pub scratch: Scratch,
    pub inbound: Inbound<Tree>,
    pub now: f64,
}

/// The result of a frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Got {
    Nothing,
    Unfinished,
    Value(Value),
    Batch(Value),
    Close,
    Invalid(&'static str),
}

impl End {
    pub fn new() -> Self {
        Self::limited(LIMIT)
    }

    pub fn limited(limit: u64) -> Self {
        Self { page: Tree::default(), scratch: Scratch::new(), inbound: Inbound::new(limit), now: 0.0 }
    }

    pub fn frame(&mut self, bytes: &[u8]) -> Got {
        let Self { page, scratch, inbound, now } = self;
        let received = inbound.frame(page, scratch, &bytes.into(), bytes.len() as u32, || *now);
        self.got(received)
    }

    /// Continues decoding what the last frame left unfinished.
    pub fn resume(&mut self) -> Got {
        let received = self.inbound.resume(&self.page, &mut self.scratch);
        self.got(received)
    }

    fn got(&mut self, received: Received) -> Got {
        let Self { page, scratch, .. } = self;
        match received {
            Received::Nothing => Got::Nothing,
            Received::Unfinished => Got::Unfinished,
            Received::Value => Got::Value(page.value(scratch).expect("a value, as was said")),
            Received::Batch => Got::Batch(page.value(scratch).expect("an array, as was said")),
            Received::Close => Got::Close,
            Received::Invalid(reason) => Got::Invalid(reason),
        }
    }
}
