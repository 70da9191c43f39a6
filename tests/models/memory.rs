//! Measures how much memory the decoder allocates for any bytes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::rc::Rc;

use peerjs_wasm::proto::codec::decode::Tape;
use peerjs_wasm::proto::codec::tape::read;
use peerjs_wasm::proto::inbound::{Inbound, MAX_PREALLOCATED, OutOfMemory, Page, Part, Scratch, Stream};

/// An allocator that counts the allocated bytes of each thread.
struct Counting;

thread_local! {
    static NOW: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // A thread that is ending has no counters.
    let _ = NOW.try_with(|now| {
        now.set(now.get() + bytes);
        MOST.with(|most| most.set(most.get().max(now.get())));
    });
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        unsafe { System.dealloc(at, layout) }
    }

    // The default would write zeros to memory that the system has zeroed already.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        unsafe { System.alloc_zeroed(layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Returns how many bytes this thread has allocated and not freed.
pub fn held() -> isize {
    NOW.get()
}

/// Returns the highest number of bytes allocated during `work`, beyond those before.
fn allocated(work: impl FnOnce()) -> usize {
    let before = NOW.get();
    MOST.set(before);
    work();
    (MOST.get() - before) as usize
}

/// A page that keeps nothing, and adds up the memory that it would have to allocate for announced values.
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

    fn read(&self, slots: &mut usize, _: &[u8], _: Range<usize>, tape: &mut Tape) -> Result<(), OutOfMemory> {
        *slots += announced(tape);
        Ok(())
    }

    fn fill(&self, _: &mut usize, _: &Rc<[u8]>, _: u32, _: u32, _: u32) -> Result<(), OutOfMemory> {
        Ok(())
    }
}

/// Returns the number of elements of the arrays that are allocated at once.
fn announced(tape: &mut Tape) -> usize {
    let count = tape.slots()[0] as u32 as usize;
    tape.mark_read();
    let array = |slot: &u64| (slot >> 32) as u32 == read::ARRAY;
    tape.slots()[1..=count].iter().filter(|slot| array(slot)).map(|slot| *slot as u32 as usize).sum()
}

/// A level of containers takes 24 bytes here; a stack of them doubles as it grows, and is copied.
const PER_BYTE: usize = 24 * 3;
const ALWAYS: usize = 10_000;

thread_local! {
    static SHARED: RefCell<Scratch> = RefCell::new(Scratch::new());
}

/// Decodes `bytes` in all ways that a connection can.
pub fn check(bytes: &[u8]) {
    SHARED.with_borrow_mut(|scratch| check_with(scratch, bytes));
}

fn check_with(scratch: &mut Scratch, bytes: &[u8]) {
    let source: Rc<[u8]> = bytes.into();
    let len = bytes.len();
    // As a message, and then as a stream, whose length is unknown.
    let used = allocated(|| {
        if scratch.unpack(&Miser, &source, 0, len as u32).is_ok() {
            assert!(announced(scratch.tape()) <= len);
        }
    });
    assert!(used <= PER_BYTE * len + ALWAYS, "{used} bytes for {len}");
    let mut stream = Stream::message_pack(0, u64::MAX);
    let part = Part { source: &source, at: 0, len: len as u32, beyond: u64::MAX >> 1 };
    let used = allocated(|| {
        let _ = stream.take_in(&Miser, scratch, part, MAX_PREALLOCATED);
    });
    assert!(used <= PER_BYTE * len + ALWAYS, "{used} bytes for {len} of a stream");
    assert!(stream.build <= len, "{} elements announced in {len} bytes", stream.build);
    // As a piece of a message that is never complete.
    let mut inbound = Inbound::default();
    let mut piece = b"\x84\xba__peerData\x01\xb1n\x00\xb5total\xce\xff\xff\xff\xff\xb4data\xdb".to_vec();
    piece.extend_from_slice(&(len as u32).to_be_bytes());
    piece.extend_from_slice(bytes);
    let source: Rc<[u8]> = piece.as_slice().into();
    let used = allocated(|| {
        inbound.frame(&Miser, scratch, &source, piece.len() as u32, || 0.0);
    });
    assert!(used <= PER_BYTE * len + ALWAYS, "{used} bytes for {len} of a piece");
}
