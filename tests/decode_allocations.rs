//! What bytes make us allocate, at the most. Alone in its binary: it counts for the whole process.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use peerjs_wasm::core::codec::decode::Tape;
use peerjs_wasm::core::codec::tape::read;
use peerjs_wasm::core::inbound::{Inbound, NoRoom, Page, Part, ROOM, Scratch, Stream};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Counts what is allocated.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The most that was allocated at once during `work`, beyond what was before.
fn allocated(work: impl FnOnce()) -> usize {
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    work();
    MOST.load(Relaxed) - before
}

/// A page that keeps nothing and adds up what it would have had to allocate at once for what was announced.
#[derive(Default)]
struct Miser;

impl Page for Miser {
    type Source = Rc<[u8]>;
    type Build = usize;

    fn load(&self, source: &Rc<[u8]>, at: u32, into: &mut [u8]) {
        into.copy_from_slice(&source[at as usize..][..into.len()]);
    }

    fn start(&self) -> usize {
        0
    }

    fn read(&self, slots: &mut usize, _: &[u8], tape: &mut Tape) -> Result<(), NoRoom> {
        *slots += announced(tape);
        Ok(())
    }

    fn fill(&self, _: &mut usize, _: &Rc<[u8]>, _: u32, _: u32, _: u32) -> Result<(), NoRoom> {
        Ok(())
    }
}

/// Elements of arrays that are to be allocated whole.
fn announced(tape: &mut Tape) -> usize {
    let count = tape.slots()[0] as u32 as usize;
    tape.mark_read();
    let array = |slot: &u64| (slot >> 32) as u32 == read::ARRAY;
    tape.slots()[1..=count].iter().filter(|slot| array(slot)).map(|slot| *slot as u32 as usize).sum()
}

/// Bytes at random, and such as announce a lot.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let greedy = prop_oneof![
        Just(vec![0x91]),
        Just(vec![0x81, 0x01]),
        (any::<u8>(), any::<u8>()).prop_map(|(high, low)| vec![0xdc, high, low]),
        any::<u16>().prop_map(|count| [vec![0xdd, 0, 0], count.to_be_bytes().to_vec()].concat()),
        any::<u16>().prop_map(|count| [vec![0xde], count.to_be_bytes().to_vec(), vec![0x01]].concat()),
        any::<u32>().prop_map(|len| [vec![0xdb], len.to_be_bytes().to_vec()].concat()),
        vec(any::<u8>(), 0..8),
    ];
    prop_oneof![
        vec(any::<u8>(), 0..2000),
        vec(greedy, 0..1000).prop_map(|parts| parts.concat()),
        (0..20_000usize).prop_map(|depth| vec![0x91; depth]),
    ]
}

/// A level of containers takes 24 bytes here; a stack of them doubles as it grows, and is copied.
const PER_BYTE: usize = 24 * 3;
const ALWAYS: usize = 10_000;

#[test]
fn a_message_allocates_no_more_than_a_small_multiple_of_its_bytes() {
    let shared = RefCell::new(Scratch::new());
    let run = |bytes: Vec<u8>| {
        let scratch = &mut *shared.borrow_mut();
        let source: Rc<[u8]> = bytes.as_slice().into();
        let len = bytes.len();
        // Once as a message, then as a stream, where nobody knows what will come.
        let used = allocated(|| {
            if scratch.unpack(&Miser, &source, len as u32).is_ok() {
                assert!(announced(scratch.tape()) <= len);
            }
        });
        assert!(used <= PER_BYTE * len + ALWAYS, "{used} bytes for {len}");
        let mut stream = Stream::message_pack(0, u64::MAX);
        let part = Part { source: &source, at: 0, len: len as u32, beyond: u64::MAX >> 1 };
        let used = allocated(|| {
            let _ = stream.take_in(&Miser, scratch, part, ROOM);
        });
        assert!(used <= PER_BYTE * len + ALWAYS, "{used} bytes for {len} of a stream");
        assert!(stream.build <= len, "{} elements announced in {len} bytes", stream.build);
        // And as a piece of a message that is never complete.
        let mut inbound = Inbound::default();
        let mut piece = b"\x84\xba__peerData\x01\xb1n\x00\xb5total\xce\xff\xff\xff\xff\xb4data\xdb".to_vec();
        piece.extend_from_slice(&(len as u32).to_be_bytes());
        piece.extend_from_slice(&bytes);
        let source: Rc<[u8]> = piece.as_slice().into();
        let used = allocated(|| {
            inbound.frame(&Miser, scratch, &source, piece.len() as u32, || 0.0);
        });
        assert!(used <= PER_BYTE * len + ALWAYS, "{used} bytes for {len} of a piece");
        Ok(())
    };
    let config = Config { cases: 100, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&hostile(), run).unwrap();
}
