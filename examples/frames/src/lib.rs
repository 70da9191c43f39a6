//! A frame loop as a game has it: everybody sends where they are in each frame, and nothing waits.
//!
//! No executor is needed: a Peer from `start`, `try_next` and `try_send` do all of it. In Bevy `World` would be a resource
//! that is not `Send`, and `frame` a system.

use std::cell::RefCell;
use std::rc::Rc;

use page::{document, element};
use peerjs_wasm::{ConnectOptions, Connection, Error, Event, Events, Incoming, Messages, Peer, State};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::{Element, HtmlElement};

/// Where somebody is. The frame tells which of two is newer, since an unreliable channel may swap them.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Position {
    frame: u32,
    x: f32,
    y: f32,
}

struct Player {
    connection: Connection,
    messages: Messages<Position>,
    last: Position,
    dot: HtmlElement,
}

struct World {
    peer: Peer,
    incoming: Incoming,
    events: Events,
    players: Vec<Player>,
    me: Position,
}

#[wasm_bindgen(start)]
fn main() -> Result<(), Error> {
    let peer = page::server().start()?;
    let (incoming, events) = (peer.incoming(), peer.events());
    let world = World { peer, incoming, events, players: Vec::new(), me: Position::default() };
    let world = Rc::new(RefCell::new(world));
    let joining = Rc::clone(&world);
    page::on_submit("join", "to", move |id| joining.borrow_mut().join(&id));
    each_frame(move || world.borrow_mut().frame());
    Ok(())
}

impl World {
    fn join(&mut self, id: &str) {
        // What is lost is not sent again: the next frame has something newer.
        match self.peer.connect(id, ConnectOptions::new().label("positions").unreliable()) {
            Ok(connection) => self.add(connection),
            Err(error) => page::show("error", &error.to_string()),
        }
    }

    fn add(&mut self, connection: Connection) {
        let dot: HtmlElement = document().create_element("i").expect_throw("an element").unchecked_into();
        dot.set_title(connection.peer());
        element::<Element>("field").append_child(&dot).expect_throw("it takes children");
        let messages = connection.messages();
        self.players.push(Player { connection, messages, last: Position::default(), dot });
    }

    fn frame(&mut self) {
        while let Some(event) = self.events.try_next() {
            if let Event::Error(error) = event {
                page::show("error", &error.to_string());
            }
        }
        while let Some(connection) = self.incoming.try_next() {
            self.add(connection);
        }
        if self.peer.is_open() {
            page::set_text("id", &self.peer.id());
        }
        self.me.walk();
        page::set_text("frame", &self.me.frame.to_string());
        self.players.retain_mut(|player| player.frame(self.me));
    }
}

impl Player {
    /// Tells this player where we are, and draws where it is; false when it has left.
    fn frame(&mut self, me: Position) -> bool {
        match self.connection.try_send(&me) {
            // The next frame sends a newer one.
            Ok(()) | Err(Error::NotOpen | Error::Full) => {}
            Err(error) => page::show("note", &format!("{}: {error}", self.connection.peer())),
        }
        while let Some(message) = self.messages.try_next() {
            match message {
                Ok(position) if position.frame > self.last.frame => self.last = position,
                Ok(_) => {}
                Err(error) => page::show("error", &error.to_string()),
            }
        }
        let Position { frame, x, y } = self.last;
        let style = self.dot.style();
        let _ = style.set_property("transform", &format!("translate({x}px, {y}px)"));
        let _ = self.dot.set_attribute("data-frame", &frame.to_string());
        let lives = self.connection.state() != State::Closed;
        if !lives {
            self.dot.remove();
        }
        lives
    }
}

impl Position {
    /// Goes round in a circle.
    fn walk(&mut self) {
        self.frame += 1;
        let angle = self.frame as f32 / 60.0;
        (self.x, self.y) = (150.0 + 100.0 * angle.cos(), 150.0 + 100.0 * angle.sin());
    }
}

/// Calls `act` before each frame that the browser draws.
fn each_frame(act: impl Fn() + 'static) {
    fn request(callback: &Closure<dyn Fn()>) {
        let window = web_sys::window().expect_throw("this runs in a page");
        let _ = window.request_animation_frame(callback.as_ref().unchecked_ref());
    }
    let callback = Rc::new(RefCell::new(None::<Closure<dyn Fn()>>));
    let again = Rc::clone(&callback);
    let closure = Closure::new(move || {
        act();
        again.borrow().as_ref().map(request);
    });
    request(&closure);
    // The closure holds itself, and so lives as long as the page.
    callback.replace(Some(closure));
}
