//! What a connection says through the signalling server: payloads as JSON, byte for byte as PeerJS 1.5.5 understands them.

use super::Identity;
use super::negotiation::Side;
use crate::proto::message::{ConnectionType, FEATURES, RESUME_BIT};
use crate::proto::sdp::rejection;

/// What an offer says of a data connection beside its SDP.
#[derive(Default)]
pub struct Details {
    /// The application's metadata as JSON, unless JSON has nothing for it.
    pub metadata: Option<String>,
    /// The label of the data channel.
    pub label: String,
    /// Whether the data channel keeps the order of messages.
    pub reliable: bool,
    /// The serialization, by its name on the wire.
    pub serialization: String,
}

/// A CANDIDATE frame whose candidate is this one ends nothing but the candidates, for a peer that knows no more of it.
const NO_CANDIDATE: &str = "{\"candidate\":\"\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}";

impl Identity {
    /// The payload of an OFFER.
    pub fn offer(&self, sdp: &str, details: &Details) -> String {
        let mut payload = self.description(Side::Offer, sdp, true);
        if let Some(metadata) = &details.metadata {
            payload.extend([",\"metadata\":", metadata]);
        }
        if self.kind == ConnectionType::Data {
            payload.extend([
                ",\"label\":",
                &quote(&details.label),
                ",\"reliable\":",
                truth(details.reliable),
                ",\"serialization\":",
                &quote(&details.serialization),
            ]);
        }
        payload.push('}');
        payload
    }

    /// The payload of an ANSWER.
    pub(super) fn answer(&self, sdp: &str) -> String {
        [&self.description(Side::Answer, sdp, true), "}"].concat()
    }

    /// The payload of a CANDIDATE.
    pub(super) fn candidate(&self, json: &str) -> String {
        [&self.begin("candidate", json), "}"].concat()
    }

    /// The payload of a CANDIDATE that ends the connection, because it has failed or because it was closed.
    pub(super) fn end(&self, failed: bool) -> String {
        [&self.begin("candidate", NO_CANDIDATE), ",\"close\":true,\"failed\":", truth(failed), "}"].concat()
    }

    /// The payload of a CANDIDATE that carries a frame of the control channel, and a key if the remote wants one.
    pub(super) fn control(&self, frame: &str, key: &str) -> String {
        let mut payload = self.begin("candidate", NO_CANDIDATE);
        payload.extend([",\"control\":", &quote(frame)]);
        if !key.is_empty() {
            payload.extend([",\"key\":", &quote(key)]);
        }
        payload.push('}');
        payload
    }

    /// The payload of an ANSWER that rejects all that `offer` offers.
    pub(super) fn refusal(&self, offer: &str) -> String {
        [&self.description(Side::Answer, &rejection(offer), false), "}"].concat()
    }

    /// The payload of an OFFER that PeerJS takes for no new connection, but for the end of the one of this id.
    pub(super) fn offer_again(&self) -> String {
        ["{\"connectionId\":", &quote(&self.id), "}"].concat()
    }

    fn description(&self, side: Side, sdp: &str, features: bool) -> String {
        let sdp = ["{\"type\":\"", side.as_str(), "\",\"sdp\":", &quote(sdp), "}"].concat();
        let mut payload = self.begin("sdp", &sdp);
        if features {
            let mut before = ",\"features\":[\"";
            for (bit, name) in FEATURES {
                if bit != RESUME_BIT || self.resumes {
                    payload.extend([before, name]);
                    before = "\",\"";
                }
            }
            payload.push_str("\"]");
        }
        payload
    }

    /// What every payload begins with; a closing brace is still to come.
    fn begin(&self, name: &str, json: &str) -> String {
        let kind = self.kind.as_str();
        ["{\"", name, "\":", json, ",\"type\":\"", kind, "\",\"connectionId\":", &quote(&self.id)].concat()
    }
}

/// What follows `name` on the first line of a description that begins with it.
pub(super) fn value_of<'a>(sdp: &'a str, name: &str) -> &'a str {
    sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default()
}

const fn truth(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A text as JSON, in the same bytes as `JSON.stringify` makes.
pub fn quote(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut json = String::with_capacity(text.len() + text.len() / 16 + 2);
    json.push('"');
    for letter in text.chars() {
        let code = letter as usize;
        let short = match letter {
            '"' | '\\' => letter,
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            _ if code >= 0x20 => {
                json.push(letter);
                continue;
            }
            _ => 'u',
        };
        json.extend(['\\', short]);
        if short == 'u' {
            json.extend(['0', '0', char::from(HEX[code >> 4]), char::from(HEX[code & 15])]);
        }
    }
    json.push('"');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> Identity {
        Identity { kind: ConnectionType::Media, peer: "bob".into(), id: "mc_1".into(), resumes: true }
    }

    #[test]
    fn text_is_quoted_as_json_does_it() {
        assert_eq!(
            quote("a\"b\\c\r\n\t\u{8}\u{c}\u{1}\u{1f}é😀\u{2028}"),
            "\"a\\\"b\\\\c\\r\\n\\t\\b\\f\\u0001\\u001fé😀\u{2028}\""
        );
    }

    #[test]
    fn payloads_are_what_peerjs_reads() {
        let data =
            Identity { kind: ConnectionType::Data, peer: "bob".into(), id: "dc_1".into(), resumes: false };
        let details = Details {
            metadata: Some("{\"a\":1}".into()),
            label: "la\"bel".into(),
            reliable: true,
            serialization: "binary".into(),
        };
        assert_eq!(
            data.offer("v=0\r\n", &details),
            "{\"sdp\":{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"},\"type\":\"data\",\"connectionId\":\"dc_1\",\
             \"features\":[\"close\",\"batch\",\"control\",\"negative-zero\",\"share\"],\"metadata\":{\"a\":1},\
             \"label\":\"la\\\"bel\",\"reliable\":true,\"serialization\":\"binary\"}"
        );
        assert_eq!(
            call().offer("s", &Details::default()),
            "{\"sdp\":{\"type\":\"offer\",\"sdp\":\"s\"},\"type\":\"media\",\"connectionId\":\"mc_1\",\
             \"features\":[\"close\",\"batch\",\"control\",\"negative-zero\",\"resume\",\"share\"]}"
        );
        assert_eq!(
            call().end(true),
            "{\"candidate\":{\"candidate\":\"\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0},\"type\":\"media\",\
             \"connectionId\":\"mc_1\",\"close\":true,\"failed\":true}"
        );
        assert_eq!(call().offer_again(), "{\"connectionId\":\"mc_1\"}");
    }
}
