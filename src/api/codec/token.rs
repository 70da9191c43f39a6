//! What a value begins with.

use crate::proto::codec::decode::{BINARY_PACK, DecodeFormat, Fault, Head, Input, Kind, Step, Stop, small};
use crate::proto::codec::tape::read;

/// A value, but for the members of one that has any.
pub(super) enum Token<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    /// An array of so many values, none of which takes less than a byte: that many are there.
    Array(usize),
    /// The same for an object's members, which have a key too.
    Map(usize),
    /// A type of MessagePack's.
    Extension(i8, &'a [u8]),
}

impl<'a> Token<'a> {
    /// The next one. [`Fault::Truncated`] says that it, or what must follow, is not there, and leaves `input` anywhere.
    pub(super) fn next(format: &DecodeFormat, input: &mut Input<'a>) -> Result<Self, Fault> {
        let [byte] = whole(input.take())?;
        let Some(Head { kind, size }) = format.head(byte) else {
            return Ok(Self::Signed(small(byte) as i64));
        };
        Ok(match kind {
            Kind::Unknown => return Err(Fault::Unknown),
            Kind::Constant => match read::BOXED | u32::from(size) {
                read::TRUE => Self::Bool(true),
                read::FALSE => Self::Bool(false),
                _ => Self::Null,
            },
            // As an `f64`, which JavaScript reads them as, these two would not be exact.
            Kind::U64 => Self::Unsigned(u64::from_be_bytes(whole(input.take())?)),
            Kind::I64 => Self::Signed(i64::from_be_bytes(whole(input.take())?)),
            Kind::Text => Self::Text(run(size, input)?),
            Kind::Bytes => Self::Bytes(run(size, input)?),
            Kind::Array => Self::Array(members(size, 1, input)?),
            Kind::Map => Self::Map(members(size, 2, input)?),
            Kind::Extension => {
                let len = whole(input.count(size))?;
                let [kind] = whole(input.take())?;
                Self::Extension(kind as i8, slice(len, input)?)
            }
            _ => Self::number(input.number(kind).ok_or(Fault::Truncated)?),
        })
    }

    /// JavaScript has one kind of number: that some whole ones travel as floats means nothing.
    fn number(number: f64) -> Self {
        let whole = number as i64;
        let is_whole = whole as f64 == number && whole.unsigned_abs() <= super::MAX_SAFE;
        if is_whole && (whole != 0 || number.is_sign_positive()) {
            Self::Signed(whole)
        } else {
            Self::Float(number)
        }
    }
}

/// Passes over one value. That takes no stack: what counts is how many values are still to come.
pub(super) fn pass(format: &DecodeFormat, input: &mut Input) -> Result<(), Fault> {
    let mut owed = 1_u64;
    while owed > 0 {
        let members = match Token::next(format, input)? {
            Token::Array(count) => count as u64,
            Token::Map(count) => 2 * count as u64,
            _ => 0,
        };
        owed += members;
        owed -= 1;
    }
    Ok(())
}

/// Gives the bytes of each member of a BinaryPack array to `take`.
pub(super) fn split(array: &[u8], mut take: impl FnMut(Vec<u8>)) -> Result<(), Fault> {
    let mut input = Input::all(array);
    let Token::Array(count) = Token::next(&BINARY_PACK, &mut input)? else { return Err(Fault::Unknown) };
    for _ in 0..count {
        let start = input.at;
        pass(&BINARY_PACK, &mut input)?;
        take(array.get(start..input.at).unwrap_or_default().to_vec());
    }
    Ok(())
}

/// Nothing follows what is not there.
fn whole<T>(taken: Result<T, Stop>) -> Result<T, Fault> {
    taken.map_err(|stop| match stop {
        Stop::Fault(fault) => fault,
        Stop::Step(Step::Done | Step::More | Step::Body) => Fault::Truncated,
    })
}

fn run<'a>(size: u8, input: &mut Input<'a>) -> Result<&'a [u8], Fault> {
    let len = whole(input.count(size))?;
    slice(len, input)
}

fn slice<'a>(len: u32, input: &mut Input<'a>) -> Result<&'a [u8], Fault> {
    let behind = input.window.get(input.at..).unwrap_or_default();
    let bytes = behind.get(..len as usize).ok_or(Fault::Truncated)?;
    input.at += bytes.len();
    Ok(bytes)
}

fn members(size: u8, each: usize, input: &mut Input) -> Result<usize, Fault> {
    let count = whole(input.count(size))? as usize;
    if count > input.behind() / each { Err(Fault::Truncated) } else { Ok(count) }
}
