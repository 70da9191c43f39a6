//! Time is injected, in milliseconds since any fixed moment.

/// A moment, in milliseconds.
pub type Millis = f64;

/// The deadline of what is not waited for.
pub const NEVER: Millis = f64::INFINITY;

/// The earlier of two deadlines.
pub fn earlier(a: Millis, b: Millis) -> Millis {
    if a < b { a } else { b }
}
