//! The rule for the ids of peers.

/// Whether a peer may choose this id: ASCII letters and digits, and between them also spaces, dashes and underscores.
pub fn is_valid_id(id: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'_');
    let outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = id.as_bytes();
    outer(bytes.first()) && outer(bytes.last()) && bytes.iter().copied().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_what_the_documents_allow() {
        for id in ["a", "7", "ab", "a-b", "a--b", "a b", "a _- b", "Room-12_x", &"x".repeat(500)] {
            assert!(is_valid_id(id), "{id:?}");
        }
        for id in ["", " ", "-", "_a", "a_", "a ", " a", "a.b", "a/b", "é", "aéb", "a\nb", "a\0b", "a🦀b"]
        {
            assert!(!is_valid_id(id), "{id:?}");
        }
    }
}
