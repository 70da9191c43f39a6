//! The allocator of the npm build: a tenth of the code of the one in std, and as fast.
//!
//! Memory is pages of 64 KiB, WebAssembly's own. A block of more than half a page is a run of whole pages, the first run
//! of free ones that is long enough: free neighbours are one run again by themselves. A smaller block has a power of two
//! of bytes; when freed it waits for the next one of that size. Fragmentation has thus a bound, whatever a far peer
//! makes us allocate: each of the twelve sizes holds what it once needed at its own peak, and no more.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::UnsafeCell;
use std::ptr::null_mut;

const PAGE: usize = 1 << 16;
/// Of the pages of 4 GiB, which is all that there can be.
const PAGES: usize = 1 << 16;
/// A free block holds the address of the next one; 16 bytes is also the alignment of all that is no page.
const SMALLEST: usize = 16;
const LARGEST: usize = PAGE / 2;
const SIZES: usize = LARGEST.ilog2() as usize + 1; // and so many lists, the first four unused

/// Where pages come from.
pub trait Source {
    /// Page 0.
    fn base(&self) -> *mut u8;
    /// Adds pages behind all others, and says the number of the first one. `None`: there are no more.
    fn grow(&self, pages: usize) -> Option<usize>;
}

/// See the module.
pub struct Heap<S> {
    source: S,
    state: UnsafeCell<State>,
}

struct State {
    /// Which pages are free. The rest is in use, or was never ours.
    free: [bool; PAGES],
    /// The end of the last page that was ever ours.
    end: usize,
    /// By the logarithm of their size, the first of the free blocks.
    blocks: [*mut Block; SIZES],
    /// What small blocks are cut from when none is free.
    uncut: *mut u8,
    uncut_length: usize,
}

struct Block {
    next: *mut Block,
}

impl<S: Source> Heap<S> {
    /// An empty one.
    pub const fn new(source: S) -> Self {
        let blocks = [null_mut(); SIZES];
        let state = State { free: [false; PAGES], end: 0, blocks, uncut: null_mut(), uncut_length: 0 };
        Self { source, state: UnsafeCell::new(state) }
    }

    /// A run of free pages, which are in use from now on.
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
            // What is free at the end is part of the run that we are about to have.
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

/// What a block of memory is made of.
#[derive(PartialEq)]
enum Shape {
    /// A power of two of bytes, given by its logarithm.
    Block(usize),
    /// So many pages.
    Pages(usize),
}

fn shape(size: usize, align: usize) -> Shape {
    if size <= LARGEST && align <= SMALLEST {
        Shape::Block((size.max(SMALLEST) - 1).ilog2() as usize + 1)
    } else {
        Shape::Pages(size.div_ceil(PAGE))
    }
}

// SAFETY: blocks come from pages of the source and never overlap: a page is in a run, or cut into blocks, or free; a block
// is in use or in one list. They are aligned as asked: pages to 64 KiB, blocks to 16 bytes, because all sizes are multiples
// of that.
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
                // SAFETY: it is free, so that it holds what `dealloc` wrote.
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
                // SAFETY: it is ours again, has at least 16 bytes and is aligned to 16.
                unsafe { (*block).next = state.blocks[size] };
                state.blocks[size] = block;
            }
        }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if shape(layout.size(), layout.align()) == shape(size, layout.align()) {
            return pointer;
        }
        // SAFETY: the caller vouches for the new size with this alignment, and for the old block.
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
