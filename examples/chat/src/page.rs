//! The page. An application would use a framework for this.

use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, HtmlInputElement, UrlSearchParams};

fn document() -> Document {
    web_sys::window().and_then(|window| window.document()).expect_throw("this runs in a page")
}

fn element(id: &str) -> Element {
    document().get_element_by_id(id).expect_throw(id)
}

/// A parameter of the page's address.
pub fn query(name: &str) -> Option<String> {
    let search = web_sys::window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()?.get(name)
}

/// One's own id.
pub fn show_id(id: &str) {
    element("id").set_text_content(Some(id));
}

/// A line of the conversation.
pub fn show(class: &str, text: &str) {
    let line = document().create_element("li").expect_throw("a list item");
    line.set_class_name(class);
    line.set_text_content(Some(text));
    element("lines").append_child(&line).expect_throw("a list takes items");
}

/// Calls `then` with what is in the field `input` whenever `form` is submitted, and empties the field.
pub fn on_submit(form: &str, input: &str, then: impl Fn(String) + 'static) {
    let input: HtmlInputElement = element(input).unchecked_into();
    let submit = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        event.prevent_default();
        then(input.value());
        input.set_value("");
    });
    let listener = submit.as_ref().unchecked_ref();
    element(form).add_event_listener_with_callback("submit", listener).expect_throw("a form");
    // As long as the page is there.
    submit.forget();
}
