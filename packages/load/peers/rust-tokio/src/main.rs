//! A room server on tokio and tokio-tungstenite: a task reads each connection, another writes it from a bounded queue
//! and flushes once for all that is queued. A message is encoded once; members share its bytes. In memory; the frames
//! are those of plain-ws/server.mjs.

use std::collections::HashMap;
use std::env;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::signal::unix::{signal, SignalKind};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{accept_async_with_config, WebSocketStream};

/// Messages that may wait for one member; one that falls further behind is taken out of its rooms.
const QUEUE_LENGTH: usize = 1024;
/// Bytes of a command.
const MAX_COMMAND: usize = 65_536;

#[derive(Deserialize)]
struct Command<'a> {
    id: u64,
    join: Option<String>,
    publish: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Delivery<'a> {
    room: &'a str,
    from: u64,
    time: u128,
    data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct Joined<'a> {
    id: u64,
    joined: &'a str,
}

type Queue = mpsc::Sender<Utf8Bytes>;
type Room = Mutex<HashMap<u64, Queue>>;

#[derive(Default)]
struct Rooms {
    rooms: RwLock<HashMap<String, Arc<Room>>>,
    clients: AtomicU64,
}

struct Client {
    name: u64,
    queue: Queue,
    joined: Vec<Arc<Room>>,
    rooms: Arc<Rooms>,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let listener = listen()?;
    println!("listening {}", listener.local_addr()?.port());
    let rooms = Arc::new(Rooms::default());
    let mut stop = signal(SignalKind::terminate())?;
    loop {
        tokio::select! {
            _ = stop.recv() => return Ok(()),
            Ok((stream, _)) = listener.accept() => {
                tokio::spawn(serve(stream, rooms.clone()));
            }
        }
    }
}

fn listen() -> io::Result<TcpListener> {
    let host = env::var("HOST").unwrap_or_else(|_| "127.0.0.1".into());
    let port = env::var("PORT").unwrap_or_else(|_| "0".into());
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(format!("{host}:{port}").parse().map_err(io::Error::other)?)?;
    socket.listen(4096)
}

async fn serve(stream: TcpStream, rooms: Arc<Rooms>) {
    let _ = stream.set_nodelay(true);
    // A small read buffer: the default of 128 KB is for few connections.
    let config = WebSocketConfig::default()
        .read_buffer_size(4096)
        .max_message_size(Some(MAX_COMMAND));
    let Ok(socket) = accept_async_with_config(stream, Some(config)).await else {
        return;
    };
    let (sink, source) = socket.split();
    let (queue, waiting) = mpsc::channel(QUEUE_LENGTH);
    let writer = tokio::spawn(write(sink, waiting));
    let name = rooms.clients.fetch_add(1, Ordering::Relaxed) + 1;
    let mut client = Client { name, queue, joined: Vec::new(), rooms };
    read(source, &mut client).await;
    client.leave();
    writer.abort();
}

async fn read(mut source: SplitStream<WebSocketStream<TcpStream>>, client: &mut Client) {
    while let Some(Ok(frame)) = source.next().await {
        if let Message::Text(text) = frame {
            if client.handle(&text).is_none() {
                return;
            }
        }
    }
}

async fn write(mut sink: SplitSink<WebSocketStream<TcpStream>, Message>, mut waiting: mpsc::Receiver<Utf8Bytes>) {
    while let Some(first) = waiting.recv().await {
        let mut next = Some(first);
        while let Some(text) = next {
            if sink.feed(Message::Text(text)).await.is_err() {
                return;
            }
            next = waiting.try_recv().ok();
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}

impl Client {
    /// None if the connection is to end: what came is no command.
    fn handle(&mut self, text: &str) -> Option<()> {
        let command: Command = serde_json::from_str(text).ok()?;
        let id = command.id;
        let reply = if let Some(name) = command.join {
            self.join(&name);
            serde_json::to_string(&Joined { id, joined: &name }).ok()?
        } else if let Some(name) = command.publish {
            self.publish(&name, command.data)?;
            format!(r#"{{"id":{id},"published":true}}"#)
        } else {
            format!(r#"{{"id":{id},"error":"unknown command"}}"#)
        };
        self.queue.try_send(reply.into()).ok()
    }

    fn join(&mut self, name: &str) {
        let found = self.rooms.find(name);
        let room = found.unwrap_or_else(|| self.rooms.make(name));
        room.lock().unwrap().insert(self.name, self.queue.clone());
        self.joined.push(room);
    }

    fn publish(&self, name: &str, data: Option<&RawValue>) -> Option<()> {
        let Some(room) = self.rooms.find(name) else {
            return Some(());
        };
        let time = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
        let delivery = Delivery { room: name, from: self.name, time, data };
        let text = Utf8Bytes::from(serde_json::to_string(&delivery).ok()?);
        room.lock().unwrap().retain(|_, queue| queue.try_send(text.clone()).is_ok());
        Some(())
    }

    fn leave(&self) {
        for room in &self.joined {
            room.lock().unwrap().remove(&self.name);
        }
    }
}

impl Rooms {
    fn find(&self, name: &str) -> Option<Arc<Room>> {
        self.rooms.read().unwrap().get(name).cloned()
    }

    fn make(&self, name: &str) -> Arc<Room> {
        self.rooms.write().unwrap().entry(name.into()).or_default().clone()
    }
}
