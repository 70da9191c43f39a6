//! Messages between two of our own peers about their connection, as text.
//!
//! A frame is the version, a letter for its kind, and what belongs to it:
//!
//! | frame | means |
//! | --- | --- |
//! | `1d<number> <number> <message>` | a message that must arrive; its number, and the last one received |
//! | `1a<number>` | every message up to this number was received |
//! | `1p<id>`, `1q<id>` | ping, and the reply to it |
//! | `1l<bytes>` | so many bytes in all may be sent over the data channel; a text frame counts three for each UTF-16 unit |
//!
//! | message | means |
//! | --- | --- |
//! | `o<SDP>` | an offer; its number is that of its frame |
//! | `a<number>\n<SDP>` | the answer to the offer of that number |
//! | `c<ufrag>\n<JSON>` | a candidate, and the ICE user name fragment of its description |
//! | `w\n`, `g\n` | the sender would like to offer; the receiver may |
//! | `s<id>\n<JSON>` | the metadata of the MediaStream of that id, before the offer that adds its tracks |
//! | `t<number> <id>\n<JSON>` | the same of a stream that belongs to the branch of that number; the JSON may be empty |
//! | `b<number>\n<JSON>`, `m<number>\n<JSON>` | a branch is opened, for data or as a call |
//! | `y<number>\n` | it is accepted |
//! | `x<number>\n`, `f<number>\n` | it is over, or could not be made. `x0\n` and `x0\n1`: the connection itself is over on the end that says so, which has branches left; in the second case the other end may not know of one yet |
//!
//! A frame of another version, of a kind that is not known or with a message of a kind that is not known is ignored: it
//! comes from a later version of this library.

use super::negotiation::{Arrival, Candidate};

/// The longest frame that is read, in bytes: what a data channel of Chromium carries. An offer of Chromium's takes some 3 KB
/// for each track.
pub const LONGEST: usize = 256 << 10;

const VERSION: &str = "1";

/// A frame of the control channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A message that must arrive, once and in order.
    Data {
        /// Its number, from 1 on.
        number: u32,
        /// The number of the last message that its sender has received.
        received: u32,
        /// See [`parse_message`].
        message: &'a str,
    },
    /// Every message up to this number was received.
    Received(u32),
    /// A question whether the other end is there.
    Ping(u32),
    /// The reply to the ping of that id.
    Pong(u32),
    /// The receiver of the data channel takes this many bytes in all.
    Limit(u64),
}

impl Frame<'_> {
    /// The frame as it is sent.
    pub fn write(&self) -> String {
        let number = |number: u32| decimal(number.into());
        let [letter, first, second, message] = match *self {
            Frame::Data { number: n, received, message } => {
                ["d", &number(n), &[" ", &number(received), " "].concat(), message]
            }
            Frame::Received(n) => ["a", &number(n), "", ""],
            Frame::Ping(id) => ["p", &number(id), "", ""],
            Frame::Pong(id) => ["q", &number(id), "", ""],
            Frame::Limit(bytes) => ["l", &decimal(bytes), "", ""],
        };
        [VERSION, letter, first, second, message].concat()
    }

    /// Reads a frame. None for what is not one that this version knows.
    pub fn parse(text: &str) -> Option<Frame<'_>> {
        if text.len() > LONGEST {
            return None;
        }
        let (head, rest) = split(text, b' ');
        let letter = head.strip_prefix(VERSION)?.chars().next()?;
        let number = number(head.get(VERSION.len() + letter.len_utf8()..)?)?;
        Some(match letter {
            'd' => {
                let (received, message) = split(rest?, b' ');
                Frame::Data {
                    number: short(number)?,
                    received: short(self::number(received)?)?,
                    message: message?,
                }
            }
            'a' => Frame::Received(short(number)?),
            'p' => Frame::Ping(short(number)?),
            'q' => Frame::Pong(short(number)?),
            'l' => Frame::Limit(number),
            _ => return None,
        })
    }
}

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A part of a negotiation.
    Negotiation(Arrival),
    /// The metadata of a stream whose tracks will be offered.
    Stream(StreamMetadata),
    /// Something of a branch: see [`super::branches`].
    Branch(BranchMessage),
}

/// What is said of a connection that shares the RTCPeerConnection, by the letter of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Said {
    /// It is opened, for data; what is said of it is JSON.
    Data = b'b',
    /// It is opened, as a call.
    Media = b'm',
    /// It is open on the other end.
    Accept = b'y',
    /// It is over.
    End = b'x',
    /// It could not be made.
    Failed = b'f',
}

/// What is said of one such connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchMessage {
    /// Its number; 0 for the connection itself that has the RTCPeerConnection.
    pub number: u16,
    /// What is said.
    pub said: Said,
    /// With what; empty unless it is opened.
    pub json: String,
}

/// What the end that sends a MediaStream wants the other to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamMetadata {
    /// The id of the MediaStream, the same on both ends.
    pub id: String,
    /// The application's value, as JSON; empty if there is none.
    pub json: String,
    /// The number of the branch that it belongs to; 0 if to none.
    pub branch: u16,
}

/// An offer as a message. Its number is that of its frame.
pub fn write_offer(sdp: &str) -> String {
    ["o", sdp].concat()
}

/// The answer to the offer of that number, as a message.
pub fn write_answer(offer: u32, sdp: &str) -> String {
    ["a", &decimal(offer.into()), "\n", sdp].concat()
}

/// The wish to offer, and the reply to it, as messages.
pub const ASK: &str = "w\n";
pub const GRANT: &str = "g\n";

/// A candidate as a message.
pub fn write_candidate(candidate: &Candidate) -> String {
    ["c", &candidate.ufrag, "\n", &candidate.json].concat()
}

/// The metadata of a stream as a message.
pub fn write_stream(stream: &StreamMetadata) -> String {
    let [kind, number, space] = match stream.branch {
        0 => ["s", "", ""],
        number => ["t", &decimal(number.into()), " "],
    };
    [kind, number, space, &stream.id, "\n", &stream.json].concat()
}

/// What is said of a branch, as a message.
pub fn write_branch(message: &BranchMessage) -> String {
    let mut text = String::from(char::from(message.said as u8));
    text.extend([&decimal(message.number.into()), "\n", &message.json]);
    text
}

/// Reads the message of the frame of that number. None for what is not one that this version knows.
pub fn parse_message(number: u32, message: &str) -> Option<Notice> {
    let body = message.get(1..)?;
    let kind = message.as_bytes().first()?;
    if *kind == b'o' {
        return Some(Notice::Negotiation(Arrival::Offer(number, body.into())));
    }
    let (head, rest) = split(body, b'\n');
    let rest: String = rest?.into();
    Some(match kind {
        b'a' => Notice::Negotiation(Arrival::Answer(short(self::number(head)?)?, rest)),
        b'w' => Notice::Negotiation(Arrival::Ask),
        b'g' => Notice::Negotiation(Arrival::Grant),
        b'c' => Notice::Negotiation(Arrival::Candidate(Candidate { ufrag: head.into(), json: rest })),
        b's' => Notice::Stream(StreamMetadata { id: head.into(), json: rest, branch: 0 }),
        b't' => {
            let (number, id) = split(head, b' ');
            Notice::Stream(StreamMetadata { id: id?.into(), json: rest, branch: branch(number)? })
        }
        _ => {
            const ALL: [Said; 5] = [Said::Data, Said::Media, Said::Accept, Said::End, Said::Failed];
            let said = *ALL.iter().find(|said| **said as u8 == *kind)?;
            Notice::Branch(BranchMessage { number: branch(head)?, said, json: rest })
        }
    })
}

// The standard library's ways to split text and to read and write numbers are ten times as large.

/// What is before the first `byte`, which is ASCII, and what is behind it, if it is there.
fn split(text: &str, byte: u8) -> (&str, Option<&str>) {
    match text.bytes().position(|each| each == byte) {
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
        None => (text, None),
    }
}

/// The decimal number that `text` is. One that is too large for 53 bits is none.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 15 {
        return None;
    }
    text.bytes()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0')))
}

/// The number of a branch.
fn branch(text: &str) -> Option<u16> {
    number(text)?.try_into().ok()
}

fn short(number: u64) -> Option<u32> {
    u32::try_from(number).ok()
}

/// A number as decimal text.
fn decimal(mut number: u64) -> String {
    let mut text = String::new();
    loop {
        text.insert(0, char::from(b'0' + (number % 10) as u8));
        number /= 10;
        if number == 0 {
            return text;
        }
    }
}
