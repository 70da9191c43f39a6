//! Exponential backoff: when and how often a Peer that has lost its server reconnects.

use super::time::{Millis, earlier};

/// The options with their defaults: the number of attempts in a row (unlimited), and the first and the longest delay in
/// milliseconds.
pub const OPTIONS: [(&str, f64); 3] =
    [("retries", f64::INFINITY), ("minDelay", 1_000.0), ("maxDelay", 30_000.0)];

/// Doubles the delay with each attempt, up to a limit, and adds jitter, so that the clients of a server that was down
/// do not reconnect all at once.
pub struct Backoff {
    retries: f64,
    min_delay: Millis,
    max_delay: Millis,
    /// Returns a random number from 0 to 1, exclusive.
    random: fn() -> f64,
    left: f64,
    delay: Millis,
}

impl Backoff {
    /// A backoff with the options that `wish` returns for the names in [`OPTIONS`]. The default replaces an option that
    /// is missing, negative or NaN.
    pub fn new(wish: impl Fn(&'static str) -> Option<f64>, random: fn() -> f64) -> Self {
        let sane = |(name, default): (&'static str, f64)| match wish(name) {
            Some(wish) if wish >= 0.0 => wish,
            _ => default,
        };
        let [retries, min_delay, max_delay] = OPTIONS;
        let mut backoff = Self {
            retries: sane(retries),
            min_delay: sane(min_delay),
            max_delay: sane(max_delay),
            random,
            left: 0.0,
            delay: 0.0,
        };
        backoff.reset();
        backoff
    }

    /// Starts again with the first delay and all attempts: call it when an attempt has succeeded.
    pub fn reset(&mut self) {
        self.left = self.retries;
        self.delay = earlier(self.min_delay, self.max_delay);
    }

    /// Returns how long to wait before the next attempt, or `None` if no attempt is left. The delay is random between
    /// half and all of the current maximum.
    pub fn next_delay(&mut self) -> Option<Millis> {
        if self.left < 1.0 {
            return None;
        }
        self.left -= 1.0;
        let delay = self.delay * (1.0 + (self.random)()) / 2.0;
        self.delay = earlier(self.delay * 2.0, self.max_delay);
        Some(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALMOST_ONE: f64 = 1.0 - f64::EPSILON;

    fn backoff(wishes: [Option<f64>; 3], random: fn() -> f64) -> Backoff {
        let wish = |name: &str| OPTIONS.iter().zip(wishes).find(|((option, _), _)| *option == name)?.1;
        Backoff::new(wish, random)
    }

    fn delays(backoff: &mut Backoff, most: usize) -> Vec<Millis> {
        std::iter::from_fn(|| backoff.next_delay()).take(most).collect()
    }

    #[test]
    fn each_wait_is_twice_the_one_before_up_to_the_limit() {
        let mut lowest = backoff([None; 3], || 0.0);
        let low = [500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 15_000.0, 15_000.0];
        assert_eq!(delays(&mut lowest, 7), low);
        assert_eq!(delays(&mut lowest, 1_000).len(), 1_000, "without end");
        let mut highest = backoff([None; 3], || ALMOST_ONE);
        for (delay, low) in delays(&mut highest, 7).into_iter().zip(low) {
            assert!(low * 1.999 < delay && delay < low * 2.0, "{delay} is not between {low} and its double");
        }
    }

    #[test]
    fn it_ends_after_so_many_in_a_row() {
        let mut three = backoff([Some(3.0), Some(100.0), Some(150.0)], || 0.5);
        assert_eq!(delays(&mut three, 9), [75.0, 112.5, 112.5]);
        three.reset();
        assert_eq!(delays(&mut three, 9), [75.0, 112.5, 112.5], "and begins anew");
        assert_eq!(delays(&mut backoff([Some(0.0), None, None], || 0.5), 9), Vec::<f64>::new());
    }

    #[test]
    fn what_makes_no_sense_is_the_default() {
        for nonsense in [Some(-1.0), Some(f64::NAN), None] {
            let mut default = backoff([nonsense; 3], || 0.0);
            assert_eq!(delays(&mut default, 2), [500.0, 1_000.0], "{nonsense:?}");
        }
        let mut limited = backoff([None, Some(5_000.0), Some(100.0)], || 0.0);
        assert_eq!(delays(&mut limited, 2), [50.0, 50.0], "the limit holds");
    }
}
