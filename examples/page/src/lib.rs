//! What the examples have in common: elements of the page, and the PeerServer that its address names.

use peerjs_wasm::{IceServer, Peer, PeerBuilder};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlInputElement, UrlSearchParams};

pub fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect_throw("this runs in a page")
}

/// The element of this id, of the type that the caller knows it to have.
pub fn element<T: JsCast>(id: &str) -> T {
    document().get_element_by_id(id).expect_throw(id).unchecked_into()
}

/// A parameter of the page's address.
pub fn query(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// The PeerServer of the page's query, `?host=…&port=…`, or else the public one.
pub fn server() -> PeerBuilder {
    let builder = Peer::builder().debug(2);
    match (query("host"), query("port").and_then(|port| port.parse().ok())) {
        // One's own server in one's own network: the browsers find each other without help.
        (Some(host), Some(port)) => {
            builder.host(&host).port(port).secure(false).ice_servers(Vec::<IceServer>::new())
        }
        _ => builder,
    }
}

/// Replaces the text of an element.
pub fn set_text(id: &str, text: &str) {
    element::<Element>(id).set_text_content(Some(text));
}

/// Appends a line to the list `lines`.
pub fn show(class: &str, text: &str) {
    let line = document().create_element("li").expect_throw("a list item");
    line.set_class_name(class);
    line.set_text_content(Some(text));
    element::<Element>("lines").append_child(&line).expect_throw("a list takes items");
}

/// Calls `then` at each event of this kind, for as long as the page is there.
pub fn on(id: &str, event: &str, then: impl Fn(Event) + 'static) {
    let listener = Closure::<dyn Fn(Event)>::new(then).into_js_value();
    element::<Element>(id)
        .add_event_listener_with_callback(event, listener.unchecked_ref())
        .expect_throw("an element takes listeners");
}

/// Calls `then` with what is in the field `input` whenever `form` is submitted, and empties the field.
pub fn on_submit(form: &str, input: &str, then: impl Fn(String) + 'static) {
    let input: HtmlInputElement = element(input);
    on(form, "submit", move |event| {
        event.prevent_default();
        then(input.value());
        input.set_value("");
    });
}
