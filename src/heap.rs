//! The allocator of the npm build: it has a tenth of the code of the allocator in std, and is as fast.
//!
//! Memory is divided into the pages of WebAssembly, 64 KiB each. A block of more than half a page is a run of whole
//! pages: the first long enough run of free pages. Adjacent free runs need no merging. The size of a smaller block is a
//! power of two; a freed block is reused for the next block of its size. This bounds fragmentation, whatever a remote
//! makes the page allocate: each of the twelve sizes keeps the memory of its own peak, and no more.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::null_mut;

const PAGE: usize = 1 << 16;
/// The number of pages in 4 GiB, the most that a module can have.
const PAGES: usize = 1 << 16;
/// The smallest block: a free block holds the address of the next one. 16 bytes are also the alignment of small blocks.
const SMALLEST: usize = 16;
const LARGEST: usize = PAGE / 2;
const SIZES: usize = LARGEST.ilog2() as usize + 1; // the number of lists; the first four are unused

/// A source of pages: the memory of the module, or a simulated one in tests.
pub trait Source {
    /// Returns the address of page 0.
    fn base(&self) -> *mut u8;
    /// Adds pages after all others, and returns the number of the first one. `None` if the memory cannot grow.
    fn grow(&self, pages: usize) -> Option<usize>;
}

/// The allocator: see the documentation of this module.
pub struct Heap<S> {
    source: S,
    state: UnsafeCell<State>,
}

struct State {
    /// Which pages are free. All others are in use, or belong to someone else.
    free: [bool; PAGES],
    /// The end of the last page that this allocator has obtained.
    end: usize,
    /// The first free block of each size, by the logarithm of the size.
    blocks: [*mut Block; SIZES],
    /// The memory from which small blocks are cut if none is free.
    uncut: *mut u8,
    uncut_length: usize,
}

struct Block {
    next: *mut Block,
}

impl<S: Source> Heap<S> {
    /// A heap without pages.
    pub const fn new(source: S) -> Self {
        let blocks = [null_mut(); SIZES];
        let state = State { free: [false; PAGES], end: 0, blocks, uncut: null_mut(), uncut_length: 0 };
        Self { source, state: UnsafeCell::new(state) }
    }

    /// Allocates a run of pages, and returns its address; null if the memory cannot grow.
    fn take_pages(&self, state: &mut State, count: usize) -> *mut u8 {
        loop {
            let mut run = 0;
            for page in 0..state.end {
                run = if state.free[page] { run + 1 } else { 0 };
                if run == count {
                    let first = page + 1 - count;
                    state.free[first..=page].fill(false);
                    return self.source.base().wrapping_add(first * PAGE);
                }
            }
            // The free pages at the end become part of the run.
            let missing = count - run;
            let Some(first) = self.source.grow(missing) else { return null_mut() };
            state.end = first + missing;
            state.free[first..state.end].fill(true);
        }
    }

    fn cut(&self, state: &mut State, size: usize) -> *mut u8 {
        if state.uncut_length < size {
            let page = self.take_pages(state, 1);
            if page.is_null() {
                return page;
            }
            // The rest of the last page is lost unless this one follows it.
            if page != state.uncut.wrapping_add(state.uncut_length) {
                state.uncut = page;
                state.uncut_length = 0;
            }
            state.uncut_length += PAGE;
        }
        let block = state.uncut;
        state.uncut = block.wrapping_add(size);
        state.uncut_length -= size;
        block
    }
}

/// How a block of memory is allocated.
#[derive(PartialEq)]
enum Shape {
    /// As a block whose size is the power of two with this logarithm.
    Block(usize),
    /// As this many pages.
    Pages(usize),
}

fn shape(size: usize, align: usize) -> Shape {
    if size <= LARGEST && align <= SMALLEST {
        Shape::Block((size.max(SMALLEST) - 1).ilog2() as usize + 1)
    } else {
        Shape::Pages(size.div_ceil(PAGE))
    }
}

// SAFETY: blocks come from pages of the source and never overlap: a page is in a run, or cut into blocks, or free; a
// block is in use or in one list. They have the requested alignment: pages 64 KiB, blocks 16 bytes, because all sizes
// are multiples of that.
unsafe impl<S: Source> GlobalAlloc for Heap<S> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: nothing here calls back, and there is one thread.
        let state = unsafe { &mut *self.state.get() };
        match shape(layout.size(), layout.align()) {
            _ if layout.align() > PAGE => null_mut(),
            Shape::Pages(count) => self.take_pages(state, count),
            Shape::Block(size) => {
                let block = state.blocks[size];
                if block.is_null() {
                    return self.cut(state, 1 << size);
                }
                // SAFETY: the block is free, so that `dealloc` has written to it.
                state.blocks[size] = unsafe { (*block).next };
                block.cast()
            }
        }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as in `alloc`.
        let state = unsafe { &mut *self.state.get() };
        match shape(layout.size(), layout.align()) {
            Shape::Pages(count) => {
                let first = (pointer.addr() - self.source.base().addr()) / PAGE;
                state.free[first..first + count].fill(true);
            }
            Shape::Block(size) => {
                let block = pointer.cast::<Block>();
                // SAFETY: the caller has returned the block, which has at least 16 bytes and is aligned to 16.
                unsafe { (*block).next = state.blocks[size] };
                state.blocks[size] = block;
            }
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if shape(layout.size(), layout.align()) == shape(size, layout.align()) {
            return pointer;
        }
        // SAFETY: the caller guarantees the new size with this alignment, and the old block.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(pointer, size.min(layout.size()));
                self.dealloc(pointer, layout);
            }
            moved
        }
    }
}

#[cfg(target_arch = "wasm32")]
mod wasm {
    use std::arch::wasm32::memory_grow;
    use std::ptr::null_mut;

    struct Memory;

    impl super::Source for Memory {
        fn base(&self) -> *mut u8 {
            null_mut()
        }

        fn grow(&self, pages: usize) -> Option<usize> {
            Some(memory_grow::<0>(pages)).filter(|first| *first != usize::MAX)
        }
    }

    // SAFETY: without the atomics feature there is no second thread.
    #[cfg(not(target_feature = "atomics"))]
    unsafe impl Sync for super::Heap<Memory> {}

    #[global_allocator]
    static HEAP: super::Heap<Memory> = super::Heap::new(Memory);
}
