//! What becomes of values on the way.

use super::*;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Talk {
    Hello { name: String, age: u8 },
    Bytes(ByteBuf),
    Numbers(Vec<f64>),
    Bye,
}

pub(super) fn talk() -> [Talk; 4] {
    [
        Talk::Hello { name: "Ada 👋".into(), age: 36 },
        Talk::Bytes(ByteBuf::from([0, 1, 255])),
        Talk::Numbers(vec![0.5, -1.0, 1e300]),
        Talk::Bye,
    ]
}

#[wasm_bindgen_test]
async fn types_of_an_application_go_both_ways_in_every_serialization() {
    for serialization in [Serialization::Binary, Serialization::MsgPack] {
        let options = ConnectOptions::new().serialization(serialization).label("talk");
        let Pair { out, inn, near, far } = pair(options.metadata(&talk()[0]).expect("JSON has it")).await;
        assert_eq!(inn.metadata(), Ok(talk()[0].clone()));
        assert_eq!(inn.metadata::<Option<Talk>>(), Ok(Some(talk()[0].clone())));
        assert_eq!((inn.label(), inn.peer(), out.peer()), ("talk".into(), &*near.id(), &*far.id()));
        assert_eq!((inn.id(), inn.serialization()), (out.id(), serialization));
        for (from, to) in [(&out, &inn), (&inn, &out)] {
            let mut messages = to.messages::<Talk>();
            for message in talk() {
                assert_eq!(from.send(&message).await, Ok(()));
                assert_eq!(messages.next().await, Some(Ok(message)));
            }
        }
    }
}

/// What the table in the documentation says of values, beside [`talk`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Table {
    numbers: BTreeMap<u32, i128>,
    binary: ByteBuf,
    bytes: Vec<u8>,
    none: Option<u8>,
    unit: (),
    letter: char,
    tuple: (i64, f32, String),
    talk: Vec<Talk>,
}

fn table() -> Table {
    Table {
        numbers: BTreeMap::from([(7, -1), (u32::MAX, (1 << 53) - 1)]),
        binary: ByteBuf::from([0, 255]),
        bytes: vec![1, 2],
        none: None,
        unit: (),
        letter: 'ß',
        tuple: (-70_000, 0.5, "\u{1f600}".into()),
        talk: talk().into(),
    }
}

#[wasm_bindgen_test]
async fn one_table_says_what_becomes_of_a_value() {
    for serialization in [Serialization::Binary, Serialization::MsgPack, Serialization::Json] {
        let options = ConnectOptions::new().serialization(serialization);
        assert!(matches!(options.clone().metadata(&i128::MAX), Err(Error::Serialize(_))));
        assert!(matches!(options.clone().metadata(&BTreeMap::from([((), 1)])), Err(Error::Serialize(_))));
        let Pair { out, inn, near: _near, far: _far } =
            pair(options.metadata(&table()).expect("JSON has it")).await;
        assert_eq!(inn.metadata(), Ok(table()));
        assert!(matches!(inn.metadata::<u8>(), Err(Error::Deserialize(_))));
        assert!(matches!(out.send(&i128::MAX).await, Err(Error::Serialize(_))));
        assert!(matches!(out.send(&BTreeMap::from([((), 1)])).await, Err(Error::Serialize(_))));
        assert_eq!(out.send(&table()).await, Ok(()));
        assert_eq!(inn.messages().next().await, Some(Ok(table())));
    }
}

#[wasm_bindgen_test]
async fn a_key_of_any_name_is_a_property() {
    let map = BTreeMap::from([("__proto__".to_owned(), 1), (String::new(), 2)]);
    let options =
        ConnectOptions::new().serialization(Serialization::Json).metadata(&map).expect("JSON has it");
    let Pair { out, inn, near: _near, far: _far } = pair(options).await;
    assert_eq!(inn.metadata(), Ok(map.clone()));
    assert_eq!(out.send(&map).await, Ok(()));
    assert_eq!(inn.messages().next().await, Some(Ok(map)));
}

#[wasm_bindgen_test]
async fn what_asks_to_close_is_a_value_like_any_other_when_it_is_sent() {
    let request = || BTreeMap::from([("__peerData", BTreeMap::from([("type", "close")]))]);
    for serialization in [Serialization::Binary, Serialization::MsgPack, Serialization::Json] {
        let options = ConnectOptions::new().serialization(serialization);
        let Pair { out, inn, near: _near, far: _far } = pair(options).await;
        let sent = out.send(&request()).await;
        assert_eq!(sent.is_ok(), serialization != Serialization::MsgPack, "{sent:?}");
        out.send(&BTreeMap::<&str, u8>::new()).await.expect("open");
        let mut messages = inn.messages::<BTreeMap<String, BTreeMap<String, String>>>();
        for len in if sent.is_ok() { &[1, 0][..] } else { &[0] } {
            assert_eq!(messages.next().await.map(|it| it.map(|map| map.len())), Some(Ok(*len)));
        }
    }
}

#[wasm_bindgen_test]
fn json_that_is_nested_too_deeply_is_an_error() {
    let inbox = Inbox::new(Serialization::Json, Limits::default());
    for depth in [128, 129, 100_000] {
        inbox.frame(["[".repeat(depth), "]".repeat(depth)].concat().into());
    }
    let context = std::task::Context::from_waker(std::task::Waker::noop());
    for fits in [true, false, false] {
        let std::task::Poll::Ready(Some(read)) = inbox.poll::<serde::de::IgnoredAny>(&context) else {
            panic!("it came")
        };
        assert_eq!(read.is_ok(), fits);
    }
}

#[wasm_bindgen_test]
async fn json_has_a_limit_and_raw_only_text_and_bytes() {
    let Pair { out, inn, near: _near, far: _far } =
        pair(ConnectOptions::new().serialization(Serialization::Json)).await;
    let long = "x".repeat(16_300);
    assert!(matches!(out.send(&long).await, Err(Error::MessageTooBig(_))));
    assert!(matches!(out.send(&u64::MAX).await, Err(Error::Serialize(_))));
    assert_eq!(out.send(&("ü", [1, 2])).await, Ok(()));
    assert_eq!(inn.messages().next().await, Some(Ok(("ü".to_owned(), [1, 2]))));
    assert_eq!(inn.metadata::<Option<u8>>(), Ok(None));

    let Pair { out, inn, near: _near, far: _far } =
        pair(ConnectOptions::new().serialization(Serialization::Raw)).await;
    assert!(matches!(out.send(&5).await, Err(Error::Serialize(_))));
    assert_eq!(out.send("text").await, Ok(()));
    assert_eq!(out.send(&ByteBuf::from([1, 2])).await, Ok(()));
    assert_eq!(inn.messages::<String>().next().await, Some(Ok("text".into())));
    assert_eq!(inn.messages::<ByteBuf>().next().await, Some(Ok(ByteBuf::from([1, 2]))));
}

#[wasm_bindgen_test]
async fn a_wrong_message_is_an_error_and_the_next_one_comes() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    let channel = out.0.listener.channel.borrow().as_ref().map(|(it, _)| it.clone()).expect("open");
    assert_eq!(out.send("text").await, Ok(()));
    assert!(channel.send_with_u8_array(&[0xd9, 0xff]).is_ok());
    assert!(channel.send_with_str("text").is_ok());
    assert_eq!(out.send(&7).await, Ok(()));
    let mut messages = inn.messages::<u8>();
    assert!(matches!(messages.next().await, Some(Err(Error::Deserialize(_)))));
    for _ in 0..2 {
        assert!(matches!(messages.next().await, Some(Err(Error::InvalidData(_)))));
    }
    assert_eq!(messages.next().await, Some(Ok(7)));
}

#[wasm_bindgen_test]
async fn minus_zero_arrives_as_it_was_sent() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    out.send(&-0.0).await.expect("open");
    let number: Option<Result<f64, _>> = inn.messages().next().await;
    assert_eq!(number.map(|it| it.map(f64::to_bits)), Some(Ok((-0.0_f64).to_bits())));
}
