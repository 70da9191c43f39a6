use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use peerjs_wasm::{ConnectOptions, Connection, Peer};

#[component]
pub fn Room() -> impl IntoView {
    let status = RwSignal::new("connecting".to_owned());
    // `new_local`, since a Peer is not `Send`. The value itself is `Copy`, as signals are.
    let peer = StoredValue::new_local(None::<Peer>);
    match Peer::builder().start() {
        Ok(started) => {
            peer.set_value(Some(started.clone()));
            // Cancelled when the component is unmounted, with the handle that it holds. The other one goes with
            // `peer`, and the Peer is destroyed, be it open or still connecting.
            spawn_local_scoped_with_cancellation(async move {
                match started.open().await {
                    Ok(()) => status.set(started.id()),
                    Err(error) => return status.set(error.to_string()),
                }
                let mut incoming = started.incoming();
                while let Some(connection) = incoming.next().await {
                    // Ends with the connection, and that with the Peer.
                    leptos::task::spawn_local(greet(connection));
                }
            });
        }
        Err(error) => status.set(error.to_string()),
    }
    let connect = move |_| {
        let started = peer.get_value();
        if let Some(Ok(connection)) = started.map(|peer| peer.connect("bob", ConnectOptions::new())) {
            leptos::task::spawn_local(greet(connection));
        }
    };
    view! { <p>{status}</p> <button on:click=connect>"Connect"</button> }
}

async fn greet(connection: Connection) {
    let _ = connection.send("Hello").await;
    // The last handle: what was sent still arrives.
}
