//! The allocator of the npm build: the contract of `GlobalAlloc`, and its own limit on memory.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

use std::alloc::{GlobalAlloc, Layout, alloc, dealloc};
use std::cell::Cell;

use heap::{Heap, Source};
use proptest::prelude::*;

// The library has this module only in the npm build, on wasm32.
#[path = "../src/heap.rs"]
mod heap;

const PAGE: usize = 1 << 16;

/// A memory with a limited number of pages.
struct Memory {
    base: *mut u8,
    layout: Layout,
    given: Cell<usize>,
}

impl Memory {
    fn new(pages: usize) -> Self {
        let layout = Layout::from_size_align(pages * PAGE, PAGE).unwrap();
        Self { base: unsafe { alloc(layout) }, layout, given: Cell::new(0) }
    }
}

impl Source for &Memory {
    fn base(&self) -> *mut u8 {
        self.base
    }

    fn grow(&self, pages: usize) -> Option<usize> {
        let first = self.given.get();
        (first + pages <= self.layout.size() / PAGE).then(|| self.given.replace(first + pages))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        unsafe { dealloc(self.base, self.layout) };
    }
}

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size, 8).unwrap()
}

#[derive(Clone, Debug)]
enum Step {
    Take { size: usize, align: u32 },
    Free(prop::sample::Index),
    Resize(prop::sample::Index, usize),
}

fn size() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 1..200_usize, 2 => 1..70_000_usize, 1 => 1..400_000_usize]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (size(), 0..6_u32).prop_map(|(size, align)| Step::Take { size, align }),
        1 => any::<prop::sample::Index>().prop_map(Step::Free),
        1 => (any::<prop::sample::Index>(), size()).prop_map(|(index, size)| Step::Resize(index, size)),
    ]
}

/// A block, and the byte that fills it.
struct Block(*mut u8, Layout, u8);

impl Block {
    fn bytes(&self, length: usize) -> &[u8] {
        unsafe { std::slice::from_raw_parts(self.0, length) }
    }

    fn fill(&self) {
        unsafe { self.0.write_bytes(self.2, self.1.size()) };
    }

    fn check(&self, length: usize) {
        assert!(
            self.bytes(length).iter().all(|byte| *byte == self.2),
            "somebody else wrote into {:?}",
            self.1
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn blocks_are_aligned_and_nobody_elses(steps in prop::collection::vec(step(), 1..300)) {
        let memory = Memory::new(2000);
        let heap = Box::new(Heap::new(&memory));
        let mut blocks: Vec<Block> = Vec::new();
        for (count, step) in steps.into_iter().enumerate() {
            match step {
                Step::Take { size, align } => {
                    let layout = Layout::from_size_align(size, 1 << align).unwrap();
                    let pointer = unsafe { heap.alloc(layout) };
                    prop_assert!(!pointer.is_null() && pointer.addr() % layout.align() == 0);
                    blocks.push(Block(pointer, layout, count as u8));
                    blocks[blocks.len() - 1].fill();
                }
                Step::Free(index) if !blocks.is_empty() => {
                    let block = blocks.swap_remove(index.index(blocks.len()));
                    block.check(block.1.size());
                    unsafe { heap.dealloc(block.0, block.1) };
                }
                Step::Resize(index, size) if !blocks.is_empty() => {
                    let index = index.index(blocks.len());
                    let Block(pointer, layout, byte) = blocks[index];
                    let moved = unsafe { heap.realloc(pointer, layout, size) };
                    let block = Block(moved, Layout::from_size_align(size, layout.align()).unwrap(), byte);
                    block.check(size.min(layout.size()));
                    block.fill();
                    blocks[index] = block;
                }
                _ => {}
            }
        }
        for block in &blocks {
            block.check(block.1.size());
        }
    }
}

#[test]
fn free_neighbours_become_one_run_again() {
    let memory = Memory::new(64);
    let heap = Box::new(Heap::new(&memory));
    for pages in [1, 2, 4, 8, 16, 32, 64, 3, 64] {
        let runs: Vec<_> = (0..64 / pages).map(|_| unsafe { heap.alloc(layout(pages * PAGE)) }).collect();
        assert!(runs.iter().all(|run| !run.is_null()), "{pages} pages at a time do not fit any more");
        for run in runs {
            unsafe { heap.dealloc(run, layout(pages * PAGE)) };
        }
    }
}

#[test]
fn a_buffer_that_grows_again_and_again_needs_no_more_memory_than_the_first_time() {
    let memory = Memory::new(1000);
    let heap = Box::new(Heap::new(&memory));
    let grow = || {
        let mut size = 8;
        let mut pointer = unsafe { heap.alloc(layout(size)) };
        while size < 8 << 20 {
            pointer = unsafe { heap.realloc(pointer, layout(size), size * 2) };
            size *= 2;
        }
        unsafe { heap.dealloc(pointer, layout(size)) };
        memory.given.get()
    };
    let first = grow();
    assert_eq!((0..20).map(|_| grow()).max(), Some(first));
}

#[test]
fn small_blocks_hold_what_each_size_once_needed() {
    let memory = Memory::new(1000);
    let heap = Box::new(Heap::new(&memory));
    let all = 4 << 20;
    for _ in 0..3 {
        for size in (4..=15).map(|bits| 1 << bits) {
            let blocks: Vec<_> = (0..all / size).map(|_| unsafe { heap.alloc(layout(size)) }).collect();
            assert!(!blocks.contains(&std::ptr::null_mut()));
            for block in blocks {
                unsafe { heap.dealloc(block, layout(size)) };
            }
        }
    }
    assert!(memory.given.get() <= 12 * all / PAGE, "{} pages", memory.given.get());
}

#[test]
fn when_there_is_no_memory_it_says_so_and_goes_on() {
    let memory = Memory::new(4);
    let heap = Box::new(Heap::new(&memory));
    let take = |size| unsafe { heap.alloc(layout(size)) };
    assert!(take(5 * PAGE).is_null());
    assert!(take(isize::MAX as usize - 7).is_null());
    let small = take(100);
    assert!(!small.is_null());
    let moved = unsafe { heap.realloc(small, layout(100), 5 * PAGE) };
    assert!(moved.is_null());
    assert!(!take(3 * PAGE).is_null());
    assert!(take(PAGE).is_null());
    assert!(!take(100).is_null());
}
