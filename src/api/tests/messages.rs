//! Messages: waiting, limits, ends.

use super::*;

#[wasm_bindgen_test]
async fn send_waits_for_room_and_finish_for_arrival() {
    const COUNT: u32 = 24;
    for serialization in [Serialization::Binary, Serialization::MsgPack] {
        let Pair { out, inn, near: _near, far: _far } =
            pair(ConnectOptions::new().serialization(serialization)).await;
        let (waited, sender) = (Rc::new(Cell::new(false)), out.clone());
        let seen = Rc::clone(&waited);
        spawn_local(async move {
            let bulk = ByteBuf::from(vec![7; 1 << 20]);
            for n in 0..COUNT {
                let waiting = sender.0.connection.channel.outbound.buffer_size();
                assert!(waiting <= 1, "{waiting} messages are queued");
                seen.set(seen.get() || waiting > 0);
                sender.send(&(n, &bulk)).await.expect("open");
            }
            assert_eq!(sender.finish().await, Ok(()));
        });
        drop(out);
        let mut messages = inn.messages::<(u32, ByteBuf)>();
        for n in 0..COUNT {
            let (number, bulk) = messages.next().await.expect("not lost").expect("valid");
            assert_eq!((number, bulk.len()), (n, 1 << 20));
        }
        assert_eq!(messages.next().await, None, "it ends without an error");
        assert!(waited.get() || serialization == Serialization::MsgPack, "nothing ever had to wait");
    }
}

#[wasm_bindgen_test]
async fn a_burst_of_one_task_is_bounded_and_comes_in_order() {
    const COUNT: u32 = 20_000;
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    spawn_local(async move {
        for n in 0..COUNT {
            let waiting = out.0.connection.channel.outbound.buffer_size();
            assert!(waiting <= 1024, "{waiting} messages are queued");
            out.send(&n).await.expect("open");
        }
        assert_eq!(out.finish().await, Ok(()));
    });
    let mut messages = inn.messages::<u32>();
    for n in 0..COUNT {
        assert_eq!(messages.next().await, Some(Ok(n)));
    }
    assert_eq!(messages.next().await, None);
}

#[wasm_bindgen_test]
async fn senders_wait_in_line_and_may_leave_it() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    // So much is not taken at once.
    out.send(&ByteBuf::from(vec![0; 8 << 20])).await.expect("open");
    for n in 0..3 {
        let out = out.clone();
        spawn_local(async move { out.send(&n).await.expect("open") });
    }
    let soon = Promise::resolve(&JsValue::UNDEFINED);
    JsFuture::from(soon).await.expect("what was spawned has begun");
    {
        let mut given_up = std::pin::pin!(out.send(&99));
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(given_up.as_mut().poll(context)));
        assert!(polled.await.is_pending());
    }
    out.send(&3).await.expect("open");
    assert_eq!(inn.messages().next().await.map(|it| it.map(|bytes: ByteBuf| bytes.len())), Some(Ok(8 << 20)));
    let mut messages = inn.messages::<u8>();
    for n in 0..4 {
        assert_eq!(messages.next().await, Some(Ok(n)));
    }
}

/// The messages that an inbox has now: their lengths, or errors.
fn unread(inbox: &Inbox) -> Vec<Result<usize, Error>> {
    let context = std::task::Context::from_waker(std::task::Waker::noop());
    let next = || inbox.poll::<ByteBuf>(&context).map(|it| it.map(|it| it.map(|bytes| bytes.len())));
    std::iter::from_fn(|| match next() {
        std::task::Poll::Ready(message) => message,
        std::task::Poll::Pending => None,
    })
    .collect()
}

#[wasm_bindgen_test]
fn what_nobody_reads_is_counted_and_not_kept() {
    let inbox = Inbox::new(Serialization::Raw, Limits { unread: 6 << 10, ..Limits::default() });
    for _ in 0..6 {
        inbox.frame(ArrayBuffer::new(2 << 10).into());
    }
    assert_eq!(unread(&inbox), [Ok(2 << 10), Ok(2 << 10), Err(Error::Unread(4))]);
    inbox.frame(ArrayBuffer::new(2 << 10).into());
    assert_eq!(unread(&inbox), [Ok(2 << 10)]);
}

#[wasm_bindgen_test]
fn an_empty_inbox_takes_a_message_of_any_length() {
    let inbox = Inbox::new(Serialization::Raw, Limits { unread: 1, ..Limits::default() });
    for len in [2 << 10, 0] {
        inbox.frame(ArrayBuffer::new(len).into());
        inbox.frame(ArrayBuffer::new(1).into());
        assert_eq!(unread(&inbox), [Ok(len as usize), Err(Error::Unread(1))]);
    }
}

#[wasm_bindgen_test]
async fn a_message_longer_than_what_may_wait_arrives() {
    const LEN: usize = 65 << 20;
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    spawn_local(async move {
        out.send(&ByteBuf::from(vec![7; LEN])).await.expect("open");
        out.finish().await.expect("arrives");
    });
    let mut messages = inn.messages::<ByteBuf>();
    assert_eq!(messages.next().await.map(|it| it.map(|bytes| bytes.len())), Some(Ok(LEN)));
    assert_eq!(messages.next().await, None);
}

#[wasm_bindgen_test]
async fn a_long_message_takes_no_memory_of_the_module() {
    const LEN: usize = 16 << 20;
    let pages = || std::arch::wasm32::memory_size::<0>();
    for serialization in [Serialization::Binary, Serialization::MsgPack] {
        let Pair { out, inn: _inn, near: _near, far: _far } =
            pair(ConnectOptions::new().serialization(serialization)).await;
        // What is free since earlier tests must not hide anything.
        let (free, mut ballast) = (pages(), Vec::new());
        while pages() == free {
            ballast.push(vec![1_u8; 1 << 20]);
        }
        for value in [(ByteBuf::from(vec![7; LEN]), vec![]), (ByteBuf::new(), vec![300_u32; LEN / 4])] {
            let before = pages();
            // Up to here nothing waits, and so nothing of it has been received either.
            let mut sending = std::pin::pin!(out.send(&value));
            let polled =
                std::future::poll_fn(|context| std::task::Poll::Ready(sending.as_mut().poll(context)));
            let _ = polled.await;
            let grown = (pages() - before) << 16;
            assert!(grown < LEN / 8, "{grown} bytes more, in {serialization:?}");
        }
    }
}

#[wasm_bindgen_test]
async fn a_receive_limit_refuses_one_message_and_the_next_one_comes() {
    let (near, id) = (peer("near").await, unique("far"));
    let far = builder(&id).receive_limit(1 << 20).open().await.expect("the page's server takes everybody");
    let out = near.connect(&id, ConnectOptions::new()).expect("near is open");
    let inn = far.incoming().next().await.expect("far lives");
    out.send(&ByteBuf::from(vec![0; 2 << 20])).await.expect("open");
    out.send("next").await.expect("open");
    let mut messages = inn.messages::<String>();
    assert!(matches!(messages.next().await, Some(Err(Error::InvalidData(_)))));
    assert_eq!(messages.next().await, Some(Ok("next".into())));
}

#[wasm_bindgen_test]
async fn a_second_channel_of_the_remote_takes_nothing_from_the_first() {
    let Pair { out, inn, near: _near, far: _far } = pair(ConnectOptions::new()).await;
    let second = out.peer_connection().expect("open").create_data_channel("second");
    let closed = Promise::new(&mut |resolve, _| second.set_onclose(Some(&resolve)));
    JsFuture::from(closed).await.expect("the far side closes it");
    assert_eq!(out.send("first").await, Ok(()));
    assert_eq!(inn.messages::<String>().next().await, Some(Ok("first".into())));
    assert!(inn.is_open() && out.is_open());
}

#[wasm_bindgen_test]
async fn a_slow_reader_slows_the_sender_and_loses_nothing() {
    const COUNT: u32 = 40;
    let near = peer("near").await;
    let far = builder(&unique("far"))
        .unread_limit(8 << 20)
        .open()
        .await
        .expect("the page's server takes everybody");
    for serialization in [Serialization::Binary, Serialization::Raw] {
        let options = ConnectOptions::new().serialization(serialization);
        let out = near.connect(&far.id(), options).expect("near is open");
        let inn = far.incoming().next().await.expect("far lives");
        let (sent, sender) = (Rc::new(Cell::new(0)), out.clone());
        let count = Rc::clone(&sent);
        spawn_local(async move {
            let bulk = "x".repeat(200 << 10);
            for _ in 0..COUNT * 5 {
                sender.send(&bulk).await.expect("open");
                count.set(count.get() + 1);
            }
            assert_eq!(sender.finish().await, Ok(()));
        });
        let outbound = &out.0.connection.channel.outbound;
        let stands_still = || outbound.buffer_size() > 0 && out.buffered_amount() == 0;
        assert!(soon(|| sent.get() == COUNT * 5 || stands_still()).await, "neither sent nor stopped");
        assert!(sent.get() < COUNT * 5, "nothing slows the sender");
        let mut messages = inn.messages::<String>();
        for n in 0..COUNT * 5 {
            let message = messages.next().await.expect("not lost");
            assert_eq!(message.map(|text| text.len()), Ok(200 << 10), "message {n}");
        }
        assert_eq!(messages.next().await, None);
    }
}
