//! The little that we write in SDP ourselves.

/// The answer that rejects all that `offer` offers: every port is 0 (RFC 3264, section 6).
pub fn rejection(offer: &str) -> String {
    let mut answer = String::from("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n");
    for line in offer.lines() {
        let mut words = line.splitn(3, ' ');
        if line.starts_with("a=mid:") {
            answer.extend([line, "\r\n"]);
        } else if line.starts_with("m=")
            && let (Some(kind), Some(_), Some(formats)) = (words.next(), words.next(), words.next())
        {
            answer.extend([kind, " 0 ", formats, "\r\nc=IN IP4 0.0.0.0\r\n"]);
        }
    }
    answer
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
