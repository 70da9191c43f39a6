use bevy_app::prelude::*;
use bevy_ecs::prelude::*;
use peerjs_wasm::{ConnectOptions, Connection, Error, Incoming, Messages, Peer};
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Default, Resource, Serialize, Deserialize)]
struct Position {
    x: f32,
    y: f32,
}

/// Not `Send`, hence no `Resource`: Bevy keeps it on the main thread, and runs there what uses it.
pub struct Net {
    peer: Peer,
    incoming: Incoming,
    others: Vec<(Connection, Messages<Position>)>,
}

pub struct NetPlugin;

impl Plugin for NetPlugin {
    fn build(&self, app: &mut App) {
        let Ok(peer) = Peer::builder().start() else { return };
        let incoming = peer.incoming();
        app.init_resource::<Position>()
            .insert_non_send(Net { peer, incoming, others: Vec::new() })
            .add_systems(Update, exchange);
    }
}

impl Net {
    pub fn join(&mut self, id: &str) -> Result<(), Error> {
        let connection = self.peer.connect(id, ConnectOptions::new().unreliable())?;
        self.others.push((connection.clone(), connection.messages()));
        Ok(())
    }
}

/// Once in a frame: nothing here waits.
fn exchange(mut net: NonSendMut<Net>, mine: Res<Position>) {
    while let Some(connection) = net.incoming.try_next() {
        let messages = connection.messages();
        net.others.push((connection, messages));
    }
    net.others.retain_mut(|(connection, messages)| {
        while let Some(Ok(Position { x, y })) = messages.try_next() {
            // Move the entity of `connection.peer()` there.
            let _ = (x, y);
        }
        // Full or not open yet: the next frame has a newer position.
        !matches!(connection.try_send(&*mine), Err(Error::Closed))
    });
}
