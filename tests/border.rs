//! `js/border/` has the constants that JavaScript shares with Rust. This test fails if the files are not current, and
//! `npm run lint -- --write` makes it write them (`WRITE_BORDER`).

use std::path::Path;
use std::{env, fs};

use peerjs_wasm::proto::border::{LogLevel, area, received, state};
use peerjs_wasm::proto::chunk::{frame, split};
use peerjs_wasm::proto::codec::tape::{self, read, write};
use peerjs_wasm::proto::inbound;
use peerjs_wasm::proto::message::serialization;
use peerjs_wasm::proto::peer_server::options;

/// The lines that export constants of one module. `$value` says what a constant is in JavaScript.
macro_rules! exports {
    ($prefix:literal, $value:expr, $module:ident: $($name:ident)+) => {
        [$(export($prefix, stringify!($name), $value($module::$name))),+].concat()
    };
}

fn export(prefix: &str, name: &str, value: String) -> String {
    format!("export const {prefix}{} = {value};\n", name.to_uppercase())
}

/// A constant that is a number.
fn number<T: ToString>(value: T) -> String {
    value.to_string()
}

/// A constant that is a text.
fn text(value: &str) -> String {
    let quote = if value.contains('"') { "'" } else { "\"" };
    [quote, value, quote].concat()
}

/// The upper half of a slot, as a signed integer.
fn upper(half: u32) -> String {
    number(half.cast_signed())
}

/// The upper half of a token of the write tape.
fn token(tag: u32) -> String {
    upper(tape::TOKEN | tag)
}

/// Where the upper half of a token of the read tape differs from `BOXED`.
fn tag(half: u32) -> String {
    number(half ^ read::BOXED)
}

/// The files of `js/border/`, each with what it has and its exports.
fn files() -> [(&'static str, &'static str, String); 4] {
    [
        (
            "handles.js",
            "What crosses the border as a number (src/proto/border.rs).",
            [
                exports!("RECEIVED_", number, received: VALUE BATCH UNFINISHED),
                exports!("STATE_", number, state: OPEN DISCONNECTED DESTROYED),
                exports!("AREA_", number, area: SLOTS TEXT WINDOW),
                exports!("LOG_", |level: LogLevel| number(level as u8), LogLevel: Errors Warnings All),
            ]
            .concat(),
        ),
        (
            "read.js",
            "The tape that Rust writes (`read` in src/proto/codec/tape.rs).",
            [
                exports!("", upper, read: BOXED),
                exports!("", tag, read: NULL UNDEFINED FALSE TRUE TEXT WIDE BYTES ARRAY LIST MAP KNOWN NEW PROTO),
                exports!("", tag, read: LONG_TEXT LONG_BYTES DATE EXT NUMBERS LONG_VALUE),
                exports!("", number, read: WINDOW RANGE_SHIFT PLACE_SHIFT),
            ]
            .concat(),
        ),
        (
            "write.js",
            "The tape that JavaScript writes (`write` in src/proto/codec/tape.rs).",
            [
                exports!("", token, write: NULL FALSE TRUE ARRAY MAP STRING BYTES BODY TEXT_BODY DATE),
                exports!("", |bits: u64| upper((bits >> 32) as u32), tape: NAN),
            ]
            .concat(),
        ),
        (
            "policy.js",
            "Names, defaults and limits that both sides need.",
            [
                exports!("SERIALIZATION_", text, serialization: BINARY BINARY_UTF8 JSON RAW NONE MSGPACK),
                exports!("", text, options: CLOUD_HOST DEFAULT_ICE_SERVER DEFAULT_KEY),
                exports!("", number, options: CLOUD_PORT),
                exports!("", text, frame: CLOSE_JSON),
                exports!("", number, split: PEERJS_PIECE STREAM_PIECE),
                exports!("", number, inbound: UNREAD_LIMIT),
            ]
            .concat(),
        ),
    ]
}

#[test]
fn the_files_have_the_constants_of_rust() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("js/border");
    for (name, what, exports) in files() {
        let (file, current) = (folder.join(name), format!("// {what} Made by tests/border.rs.\n\n{exports}"));
        if env::var_os("WRITE_BORDER").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &current).unwrap();
        }
        let is = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(is, current, "js/border/{name} is not current: `npm run lint -- --write` writes it");
    }
}
