//! Time is injected, in milliseconds since any fixed moment.

/// A moment, in milliseconds.
pub type Millis = f64;

/// The earlier of two deadlines.
pub fn earlier(a: Option<Millis>, b: Option<Millis>) -> Option<Millis> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Whether `deadline` has come.
pub fn due(deadline: Option<Millis>, now: Millis) -> bool {
    deadline.is_some_and(|at| at <= now)
}
