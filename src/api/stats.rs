//! What the browser counts of a connection or call, and how long it takes to the remote and back.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use js_sys::{Array, Map};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::call::Call;
use super::connection::Connection;
use super::error::Error;
use super::link::{Handle, Linked, text};
use super::queue::Waiting;
use crate::proto::connection::Stage;
use crate::web::js::{get, get_text};

/// How the address at one end of a path was found: the type of its ICE candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CandidateType {
    /// An address of the machine itself.
    Host,
    /// The address that a STUN server sees.
    ServerReflexive,
    /// The address that the remote peer sees.
    PeerReflexive,
    /// An address of a TURN server, which forwards everything.
    Relay,
}

impl CandidateType {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "host" => Self::Host,
            "srflx" => Self::ServerReflexive,
            "prflx" => Self::PeerReflexive,
            "relay" => Self::Relay,
            _ => return None,
        })
    }
}

/// One end of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathEnd {
    /// How the address was found.
    pub candidate: CandidateType,
    /// The address, if the browser tells it.
    pub address: Option<String>,
    /// The port.
    pub port: Option<u16>,
    /// `udp` or `tcp`.
    pub protocol: Option<String>,
}

/// What [`Connection::stats`] and [`Call::stats`] give. What the browser does not say is `None`. Rates are the difference
/// of two of them.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Stats {
    /// How long it takes to the remote and back, as the browser measured it last.
    pub rtt: Option<Duration>,
    /// The less direct type of the two ends.
    pub path: Option<CandidateType>,
    /// What is spoken: `udp`, `tcp` or `tls`; towards the TURN server, if the local end has one.
    pub protocol: Option<String>,
    /// The local end of the path.
    pub local: Option<PathEnd>,
    /// The remote end of the path.
    pub remote: Option<PathEnd>,
    /// Bytes sent over this path.
    pub sent: Option<u64>,
    /// Bytes received over this path.
    pub received: Option<u64>,
    /// Packets of audio and video that did not arrive here. `None` of data.
    pub lost: Option<i64>,
    /// Bytes per second that the browser believes the path can carry.
    pub available: Option<u64>,
}

macro_rules! measured {
    ($handle:ident) => {
        impl $handle {
            /// What the browser counts, and the path that is taken. Also when the remote runs PeerJS.
            ///
            /// ```no_run
            #[doc = concat!("# use peerjs_wasm::{CandidateType, Error, ", stringify!($handle), "};")]
            #[doc = concat!("# async fn example(it: ", stringify!($handle), ") -> Result<(), Error> {")]
            /// let stats = it.stats().await?;
            /// let is_relayed = stats.path == Some(CandidateType::Relay);
            /// # Ok(())
            /// # }
            /// ```
            ///
            /// # Errors
            /// [`Error::NotOpen`] before there is an RTCPeerConnection, why it closed afterwards, and [`Error::WebRtc`] if
            /// the browser fails.
            pub async fn stats(&self) -> Result<Stats, Error> {
                stats(&self.0).await
            }

            /// How long it takes to the remote and back, measured now.
            ///
            /// # Errors
            /// [`Error::NotOpen`] before it is open, why it closed afterwards, [`Error::Unsupported`] when the remote runs
            /// PeerJS, and [`Error::Timeout`] when no reply came within 10 s.
            pub async fn ping(&self) -> Result<Duration, Error> {
                ping(&self.0).await
            }
        }
    };
}

measured!(Connection);
measured!(Call);

fn not_open<L: Linked>(handle: &Handle<L>) -> Error {
    let link = handle.listener.link();
    if link.stage() == Stage::Closed { link.why_closed() } else { Error::NotOpen }
}

async fn ping<L: Linked>(handle: &Handle<L>) -> Result<Duration, Error> {
    if handle.listener.link().stage() != Stage::Open {
        return Err(not_open(handle));
    }
    let reply = Rc::new((Cell::new(None), Waiting::default()));
    let told = Rc::clone(&reply);
    let asked = handle.connection.ping(Box::new(move |after| {
        told.0.set(Some(after));
        told.1.wake();
    }));
    if !asked {
        return Err(Error::unsupported("ping"));
    }
    let after = reply.1.until(|| reply.0.get()).await;
    after.map(|ms| Duration::from_secs_f64(ms / 1e3)).ok_or(Error::Timeout)
}

async fn stats<L: Linked>(handle: &Handle<L>) -> Result<Stats, Error> {
    let pc = handle.connection.pc().ok_or_else(|| not_open(handle))?;
    let report = JsFuture::from(pc.get_stats()).await.map_err(|error| Error::WebRtc(text(&error)))?;
    Ok(read(report.unchecked_ref()))
}

fn read(report: &Map) -> Stats {
    let all: Vec<JsValue> = Array::from(&report.values()).to_vec();
    let pair = selected(report, &all);
    let (near, far) = (end(report, &pair, "localCandidateId"), end(report, &pair, "remoteCandidateId"));
    let number = |name| get(&pair, name).as_f64();
    let (local, remote) = (path_end(&near), path_end(&far));
    let lost = all
        .iter()
        .filter(|each| is(each, "inbound-rtp"))
        .filter_map(|each| get(each, "packetsLost").as_f64());
    Stats {
        rtt: number("currentRoundTripTime").map(|seconds| Duration::from_secs_f64(seconds.max(0.0))),
        path: local.iter().chain(&remote).map(|end| end.candidate).max(),
        protocol: get_text(&near, "relayProtocol").or_else(|| get_text(&near, "protocol")),
        local,
        remote,
        sent: number("bytesSent").map(|bytes| bytes as u64),
        received: number("bytesReceived").map(|bytes| bytes as u64),
        lost: lost.map(|packets| packets as i64).reduce(|sum, packets| sum.saturating_add(packets)),
        available: number("availableOutgoingBitrate").map(|bits| (bits / 8.0) as u64),
    }
}

/// The pair of candidates that is in use.
fn selected(report: &Map, all: &[JsValue]) -> JsValue {
    let id = all.iter().map(|each| get(each, "selectedCandidatePairId")).find(JsValue::is_string);
    let named = id.map(|id| report.get(&id)).filter(JsValue::is_object);
    named.unwrap_or_else(|| {
        let in_use = |pair: &&JsValue| {
            is(pair, "candidate-pair")
                && get(pair, "nominated").is_truthy()
                && get_text(pair, "state").as_deref() == Some("succeeded")
        };
        all.iter().find(in_use).cloned().unwrap_or_default()
    })
}

fn is(stats: &JsValue, kind: &str) -> bool {
    get_text(stats, "type").as_deref() == Some(kind)
}

fn end(report: &Map, pair: &JsValue, id: &'static str) -> JsValue {
    report.get(&get(pair, id))
}

fn path_end(candidate: &JsValue) -> Option<PathEnd> {
    Some(PathEnd {
        candidate: CandidateType::parse(&get_text(candidate, "candidateType")?)?,
        address: get_text(candidate, "address").or_else(|| get_text(candidate, "ip")),
        port: get(candidate, "port").as_f64().map(|port| port as u16),
        protocol: get_text(candidate, "protocol"),
    })
}
