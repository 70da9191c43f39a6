//! Points in time and deadlines. The caller passes the current time in; nothing here reads a clock.

/// A point in time in milliseconds since any fixed moment, or a duration in milliseconds.
pub type Millis = f64;

/// The deadline that never comes.
pub const NEVER: Millis = f64::INFINITY;

/// Returns the earlier of two deadlines.
pub fn earlier(a: Millis, b: Millis) -> Millis {
    if a < b { a } else { b }
}
