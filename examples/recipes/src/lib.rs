//! The recipes of docs/crate.md.

pub mod bevy;
pub mod leptos;
