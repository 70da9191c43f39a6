//! A room in Leptos: a component makes a Peer when it is mounted, and nothing is left of it when it is unmounted, be it in
//! the middle of connecting.

use leptos::prelude::*;
use leptos::task::{spawn_local, spawn_local_scoped_with_cancellation};
use peerjs_wasm::{ConnectOptions, Connection, Peer};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(start)]
fn main() {
    mount_to_body(App);
}

#[component]
fn App() -> impl IntoView {
    let (inside, set_inside) = signal(false);
    view! {
        <h1>"A room"</h1>
        <button id="door" on:click=move |_| set_inside.update(|inside| *inside = !*inside)>
            {move || if inside.get() { "Leave" } else { "Enter" }}
        </button>
        <Show when=move || inside.get()>
            <Room />
        </Show>
    }
}

/// What everybody in the room has said, and an own Peer for as long as this is mounted.
#[component]
fn Room() -> impl IntoView {
    let status = RwSignal::new("connecting".to_owned());
    let said = RwSignal::new(Vec::<(String, String)>::new());
    let guests = StoredValue::new_local(Vec::<Connection>::new());
    // A handle is not `Send`, hence `new_local`. With this value goes the last handle of the Peer, since the task that
    // has the other one is cancelled: the Peer is destroyed with the component.
    let peer = StoredValue::new_local(None::<Peer>);
    match page::server().start() {
        Ok(it) => {
            peer.set_value(Some(it.clone()));
            spawn_local_scoped_with_cancellation(async move {
                if let Err(error) = it.open().await {
                    return status.set(error.to_string());
                }
                status.set(it.id());
                let mut incoming = it.incoming();
                while let Some(connection) = incoming.next().await {
                    spawn_local(listen(connection, guests, said));
                }
            });
        }
        Err(error) => status.set(error.to_string()),
    }

    let to = NodeRef::<leptos::html::Input>::new();
    let connect = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let id = to.get_untracked().map(|input| input.value()).unwrap_or_default();
        let options = ConnectOptions::new().label("room");
        let connection = peer.with_value(|peer| peer.as_ref().map(|peer| peer.connect(&id, options)));
        match connection {
            Some(Ok(connection)) => spawn_local(listen(connection, guests, said)),
            Some(Err(error)) => status.set(error.to_string()),
            None => {}
        }
    };

    let text = NodeRef::<leptos::html::Input>::new();
    let say = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(input) = text.get_untracked() else { return };
        let line = input.value();
        input.set_value("");
        for guest in guests.get_value() {
            let line = line.clone();
            spawn_local(async move {
                // Why it failed is told to whoever listens to this guest.
                let _ = guest.send(&line).await;
            });
        }
        said.update(|said| said.push(("I".to_owned(), line)));
    };

    view! {
        <p>"My id is " <b id="id">{status}</b></p>
        <form id="connect" on:submit=connect>
            <input id="to" node_ref=to placeholder="somebody's id" required />
            <button>"Connect"</button>
        </form>
        <ul id="said">
            <For
                each=move || said.get().into_iter().enumerate()
                key=|(index, _)| *index
                children=|(_, (who, text))| view! { <li><b>{who}</b> ": " <span>{text}</span></li> }
            />
        </ul>
        <form id="say" on:submit=say>
            <input id="text" node_ref=text placeholder="say something" required />
            <button>"Say"</button>
        </form>
    }
}

/// Shows what a guest says until it leaves. The task ends by itself when the Peer is destroyed, which closes its connections;
/// the signals are gone then, so that it only tries to set them.
async fn listen(
    connection: Connection,
    guests: StoredValue<Vec<Connection>, LocalStorage>,
    said: RwSignal<Vec<(String, String)>>,
) {
    let name = connection.peer().to_owned();
    let show = |text: String| said.try_update(|said| said.push((name.clone(), text)));
    guests.try_update_value(|guests| guests.push(connection.clone()));
    let mut messages = connection.messages::<String>();
    while let Some(message) = messages.next().await {
        match message {
            Ok(text) => show(text),
            Err(error) => show(error.to_string()),
        };
    }
    guests.try_update_value(|guests| guests.retain(|guest| *guest != connection));
    show("has left".to_owned());
}
