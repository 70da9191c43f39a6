//! Puts the pieces of large messages back in order.
//!
//! Pieces are of any size and come in any order; several messages may be under way at once. A piece whose turn it is
//! goes through at once; the others wait. What a stranger can make us keep is bounded by the constants below.

/// Messages under way at once. One more, and the one that has waited longest is given up.
pub const MAX_SETS: usize = 64;

/// Bytes of one message that may wait for an earlier piece: an unordered channel runs ahead by some seconds' worth of data
/// when a packet is lost, which is less.
pub const MAX_WAITING: u64 = 256 << 20;

/// How long a message may stand still, in ms, while others come in. The sender cuts one message after the other, so that
/// only an unreliable channel leaves one behind.
pub const MAX_IDLE: f64 = 60_000.0;

/// What a waiting piece costs beside its bytes, about.
const COST_OF_WAITING: u64 = 256;

/// Which piece it is: whole numbers all three, of any size.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Piece {
    /// Of the message. Counts up per connection.
    pub id: f64,
    /// Of the piece. Counts from 0.
    pub n: f64,
    /// How many pieces there are.
    pub total: f64,
}

/// Why a piece was refused. The rest of its message's pieces are then let pass in silence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// The same piece came before.
    Twice,
    /// `n` and `total` cannot be, or the total has changed.
    Numbers,
    /// Too much waits for a piece that does not come.
    Waiting,
}

impl Refused {
    /// In words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Twice => "a piece of a message came twice",
            Self::Numbers => "a piece of a message has impossible numbers",
            Self::Waiting => "a message misses a piece",
        }
    }
}

/// The messages under way on one connection. `S` is what has been made of a message so far, `B` the bytes of a piece.
pub struct Assembler<S, B> {
    /// What all of them may take, waiting pieces and what has been decoded. Over that, those that have waited longest are
    /// given up, but for the one that is growing: whoever decodes it sees to that one.
    limit: u64,
    /// The one that has stood still longest comes first.
    sets: Vec<Box<Set<S, B>>>,
}

/// A message under way.
pub struct Set<S, B> {
    id: f64,
    total: u32,
    next: u32,
    /// The piece whose turn is next comes last.
    waiting: Vec<Waiting<B>>,
    waiting_bytes: u64,
    weight: u64,
    touched: f64,
    /// `None`: it failed.
    state: Option<S>,
}

struct Waiting<B> {
    n: u32,
    len: u32,
    bytes: B,
}

impl<S, B> Assembler<S, B> {
    /// Nothing under way, of which there may be so many bytes.
    pub fn new(limit: u64) -> Self {
        Self { limit, sets: Vec::new() }
    }

    /// What has been made of the messages under way.
    pub fn states(&self) -> impl Iterator<Item = &S> {
        self.sets.iter().filter_map(|set| set.state.as_ref())
    }

    /// Takes in a piece of `len` bytes, and gives out its message for the caller to go on with, and to hand to
    /// [`keep`](Self::keep) unless it is complete. `None`: a piece of a message that failed.
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

    /// The piece whose turn it is, and how long it is.
    pub fn take(&mut self) -> Option<(B, u32)> {
        if !self.is_ready() {
            return None;
        }
        let Waiting { len, bytes, .. } = self.waiting.pop()?;
        self.next += 1;
        self.waiting_bytes -= u64::from(len) + COST_OF_WAITING;
        Some((bytes, len))
    }

    /// Whether there is a piece whose turn it is.
    pub fn is_ready(&self) -> bool {
        self.waiting.last().is_some_and(|first| first.n == self.next)
    }

    /// What has been made of it takes so many bytes.
    pub fn weigh(&mut self, weight: u64) {
        self.weight = weight;
    }

    /// How many pieces have not had their turn.
    pub fn pieces_left(&self) -> u32 {
        self.total - self.next
    }

    /// What has been made of it so far.
    pub fn state(&mut self) -> Option<&mut S> {
        self.state.as_mut()
    }

    /// It cannot become anything: gives up what it holds, and lets its other pieces pass.
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
        self.waiting.insert(place, Waiting { n, len, bytes });
        // The piece whose turn it is does not wait.
        if self.waiting_bytes > most && !self.is_ready() {
            return Err(Refused::Waiting);
        }
        Ok(())
    }
}
