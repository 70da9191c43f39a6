//! Puts the pieces of large messages in order.
//!
//! Pieces are of any size and come in any order; several messages may be under way at once. A piece whose turn it is
//! goes through at once; the others wait. What a stranger can make us keep is bounded by the constants below.

/// How many messages may be incomplete at the same time. One more, and the message without progress for longest is
/// dropped.
pub const MAX_SETS: usize = 64;

/// How many bytes of one message may wait for an earlier piece. If an unordered channel loses a packet, later pieces
/// arrive for some seconds before it, which is less data than this.
pub const MAX_WAITING: u64 = 256 << 20;

/// How long a message may receive no piece while others do, in milliseconds. A sender cuts one message after the other,
/// so that only an unreliable channel leaves a message incomplete.
pub const MAX_IDLE: f64 = 60_000.0;

/// Approximate memory that a waiting piece takes in addition to its bytes.
const COST_OF_WAITING: u64 = 256;

/// The numbers of a piece, as received: integers, but not checked otherwise.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Piece {
    /// Number of the message. Counts up per connection.
    pub id: f64,
    /// Number of the piece in the message. Counts from 0.
    pub n: f64,
    /// How many pieces the message has.
    pub total: f64,
}

/// Why a piece was refused. All later pieces of its message are then ignored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// A piece with this number came before.
    Twice,
    /// `n` and `total` are impossible, or `total` has changed.
    Numbers,
    /// Too many bytes wait for a piece that does not come.
    Waiting,
}

impl Refused {
    /// Describes the reason in words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Twice => "a piece of a message came twice",
            Self::Numbers => "a piece of a message has impossible numbers",
            Self::Waiting => "a message misses a piece",
        }
    }
}

/// The incomplete messages of one connection. `S` is the decoding state of a message, `B` the bytes of a piece.
///
/// [`accept`](Self::accept) and [`ready`](Self::ready) hand a message to the caller. The caller decodes its next pieces
/// ([`Set::take`]) and returns it with [`keep`](Self::keep), unless the message is complete.
pub struct Assembler<S, B> {
    /// How many bytes all messages may take together, waiting pieces and decoded values. Beyond that the messages
    /// without progress for longest are dropped, except the one that is growing: its decoder enforces the limit.
    limit: u64,
    /// The one that has stood still longest comes first.
    sets: Vec<Box<Set<S, B>>>,
}

/// An incomplete message.
pub struct Set<S, B> {
    id: f64,
    total: u32,
    next: u32,
    /// The piece whose turn is next comes last.
    waiting: Vec<EarlyPiece<B>>,
    waiting_bytes: u64,
    weight: u64,
    touched: f64,
    /// `None` if the message has failed.
    state: Option<S>,
}

/// A piece that waits for an earlier one.
struct EarlyPiece<B> {
    n: u32,
    len: u32,
    bytes: B,
}

impl<S, B> Assembler<S, B> {
    /// An assembler without messages, which may take about `limit` bytes together.
    pub fn new(limit: u64) -> Self {
        Self { limit, sets: Vec::new() }
    }

    /// Returns the decoding states of all messages that have not failed.
    pub fn states(&self) -> impl Iterator<Item = &S> {
        self.sets.iter().filter_map(|set| set.state.as_ref())
    }

    /// Adds a piece of `len` bytes and hands out its message, whether or not its next piece is there. `None` if the
    /// message has failed before. `start` makes the state of a new message.
    ///
    /// # Errors
    /// The piece is refused, and its message has failed.
    pub fn accept(
        &mut self,
        piece: Piece,
        bytes: B,
        len: u32,
        now: f64,
        start: impl FnOnce() -> S,
    ) -> Result<Option<Box<Set<S, B>>>, Refused> {
        let is_idle = |set: &Set<S, B>| now - set.touched > MAX_IDLE && !set.is(piece.id);
        while let Some(at) = self.sets.iter().position(|set| is_idle(set)) {
            self.sets.remove(at);
        }
        let mut set = match self.sets.iter().position(|set| set.is(piece.id)) {
            Some(at) => self.sets.remove(at),
            None => Box::new(Set::new(piece.id, piece.total as u32, start())),
        };
        set.touched = now;
        let refused = match &set.state {
            None => None,
            Some(_) => set.insert(piece, bytes, len, self.limit.min(MAX_WAITING)).err(),
        };
        if refused.is_some() {
            set.fail();
        }
        if set.state.is_some() {
            return Ok(Some(set));
        }
        self.keep(set);
        refused.map_or(Ok(None), Err)
    }

    /// A message that has a piece whose turn it is, if there is one: for the caller to go on with, as in
    /// [`accept`](Self::accept).
    pub fn ready(&mut self) -> Option<Box<Set<S, B>>> {
        let at = self.sets.iter().position(|set| set.is_ready())?;
        Some(self.sets.remove(at))
    }

    /// A message that is not complete, or that failed.
    pub fn keep(&mut self, set: Box<Set<S, B>>) {
        self.sets.push(set);
        let mut bytes: u64 = self.sets.iter().map(|set| set.bytes()).sum();
        while self.sets.len() > MAX_SETS || (bytes > self.limit && self.sets.len() > 1) {
            bytes -= self.sets.remove(0).bytes();
        }
    }
}

impl<S, B> Set<S, B> {
    fn new(id: f64, total: u32, state: S) -> Self {
        Self {
            id,
            total,
            next: 0,
            waiting: Vec::new(),
            waiting_bytes: 0,
            weight: 0,
            touched: 0.0,
            state: Some(state),
        }
    }

    /// Takes out the next piece and its length, if it is there.
    pub fn take(&mut self) -> Option<(B, u32)> {
        if !self.is_ready() {
            return None;
        }
        let EarlyPiece { len, bytes, .. } = self.waiting.pop()?;
        self.next += 1;
        self.waiting_bytes -= u64::from(len) + COST_OF_WAITING;
        Some((bytes, len))
    }

    /// Whether the next piece is there.
    pub fn is_ready(&self) -> bool {
        self.waiting.last().is_some_and(|first| first.n == self.next)
    }

    /// Reports how many bytes the decoded part of the message takes.
    pub fn weigh(&mut self, weight: u64) {
        self.weight = weight;
    }

    /// Returns how many pieces have not been taken out yet.
    pub fn pieces_left(&self) -> u32 {
        self.total - self.next
    }

    /// Returns the decoding state, unless the message has failed.
    pub fn state(&mut self) -> Option<&mut S> {
        self.state.as_mut()
    }

    /// Marks the message as failed: drops its data, and lets its later pieces be ignored.
    pub fn fail(&mut self) {
        self.state = None;
        self.waiting = Vec::new();
        self.waiting_bytes = 0;
        self.weight = 0;
    }

    fn is(&self, id: f64) -> bool {
        self.id == id
    }

    fn bytes(&self) -> u64 {
        self.waiting_bytes + self.weight
    }

    fn insert(&mut self, piece: Piece, bytes: B, len: u32, most: u64) -> Result<(), Refused> {
        let n = piece.n as u32;
        if f64::from(n) != piece.n || f64::from(self.total) != piece.total || n >= self.total {
            return Err(Refused::Numbers);
        }
        let place = self.waiting.partition_point(|waiting| waiting.n > n);
        if n < self.next || self.waiting.get(place).is_some_and(|waiting| waiting.n == n) {
            return Err(Refused::Twice);
        }
        self.waiting_bytes += u64::from(len) + COST_OF_WAITING;
        self.waiting.insert(place, EarlyPiece { n, len, bytes });
        // The piece whose turn it is does not wait.
        if self.waiting_bytes > most && !self.is_ready() {
            return Err(Refused::Waiting);
        }
        Ok(())
    }
}
