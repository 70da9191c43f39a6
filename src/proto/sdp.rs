//! The SDP that this crate writes itself.

/// Returns the answer that rejects every media section of `offer`: all ports are 0 (RFC 3264, section 6).
pub fn rejection(offer: &str) -> String {
    let mut answer = String::from("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    for line in lines(offer) {
        if line.starts_with("a=mid:") {
            answer.extend([line, "\r\n"]);
        } else if line.starts_with("m=") {
            let (kind, rest) = cut(line, b' ');
            let (_, formats) = cut(rest, b' ');
            if !formats.is_empty() {
                answer.extend([kind, " 0 ", formats, "\r\nc=IN IP4 0.0.0.0\r\n"]);
            }
        }
    }
    answer
}

/// The lines of `sdp`, without what ends them. `str::lines` would bring along how std searches, a kilobyte of wasm.
pub fn lines(mut sdp: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (line, rest) = cut(sdp, b'\n');
        let some = !sdp.is_empty();
        sdp = rest;
        some.then(|| line.strip_suffix('\r').unwrap_or(line))
    })
}

/// What comes before the first `mark`, which is ASCII, and what comes behind it.
fn cut(text: &str, mark: u8) -> (&str, &str) {
    let at = text.bytes().position(|byte| byte == mark).unwrap_or(text.len());
    (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_every_section_and_keeps_its_id() {
        let offer = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 data\r\n\
            m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendrecv\r\n\
            m=application 50123 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 10.0.0.1\r\na=mid:data\r\n";
        let answer = "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
            m=audio 0 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n\
            m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:data\r\n";
        assert_eq!(rejection(offer), answer);
    }

    #[test]
    fn takes_any_text() {
        for junk in ["", "m=", "m=audio", "m=audio 9", "nonsense\n\n"] {
            assert_eq!(rejection(junk), rejection(""));
        }
    }
}
