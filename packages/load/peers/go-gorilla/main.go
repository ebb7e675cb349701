// A room server on gorilla/websocket, as its chat example and the usual advice have it: a goroutine reads each
// connection, another writes it from a buffered channel, and a message is prepared once for all members. In memory;
// the frames are those of plain-ws/server.mjs.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// Messages that may wait for one member; one that falls further behind is closed.
const queueLength = 1024

// Bytes of a command.
const maxCommand = 65_536

type command struct {
	ID      int64           `json:"id"`
	Join    string          `json:"join"`
	Publish string          `json:"publish"`
	Data    json.RawMessage `json:"data"`
}

type message struct {
	Room string          `json:"room"`
	From int64           `json:"from"`
	Time int64           `json:"time"`
	Data json.RawMessage `json:"data"`
}

// What is written to one client: a message that all members share, or a reply of its own.
type outgoing struct {
	shared *websocket.PreparedMessage
	reply  []byte
}

type client struct {
	name   int64
	socket *websocket.Conn
	queue  chan outgoing
	rooms  []*room
}

type room struct {
	mutex   sync.RWMutex
	members map[*client]struct{}
}

type server struct {
	rooms    sync.Map
	clients  atomic.Int64
	upgrader websocket.Upgrader
}

func main() {
	address := net.JoinHostPort(setting("HOST", "127.0.0.1"), setting("PORT", "0"))
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("listening %d\n", listener.Addr().(*net.TCPAddr).Port)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		<-stop
		os.Exit(0)
	}()
	// Buffers of the size of a chat message; writers share theirs while nothing is written.
	rooms := &server{upgrader: websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{}}}
	log.Fatal(http.Serve(listener, rooms))
}

func setting(name, fallback string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return fallback
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	socket, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	socket.SetReadLimit(maxCommand)
	c := &client{name: s.clients.Add(1), socket: socket, queue: make(chan outgoing, queueLength)}
	go c.write()
	s.read(c)
}

func (s *server) read(c *client) {
	defer c.leave()
	for {
		_, bytes, err := c.socket.ReadMessage()
		if err != nil {
			return
		}
		var asked command
		if err := json.Unmarshal(bytes, &asked); err != nil {
			return
		}
		switch {
		case asked.Join != "":
			s.join(c, asked)
		case asked.Publish != "":
			s.publish(c, asked)
		default:
			c.send(outgoing{reply: fmt.Appendf(nil, `{"id":%d,"error":"unknown command"}`, asked.ID)})
		}
	}
}

func (s *server) join(c *client, asked command) {
	found, _ := s.rooms.LoadOrStore(asked.Join, &room{members: map[*client]struct{}{}})
	joined := found.(*room)
	joined.mutex.Lock()
	joined.members[c] = struct{}{}
	joined.mutex.Unlock()
	c.rooms = append(c.rooms, joined)
	name, _ := json.Marshal(asked.Join)
	c.send(outgoing{reply: fmt.Appendf(nil, `{"id":%d,"joined":%s}`, asked.ID, name)})
}

func (s *server) publish(c *client, asked command) {
	if found, ok := s.rooms.Load(asked.Publish); ok {
		bytes, err := json.Marshal(message{asked.Publish, c.name, time.Now().UnixMilli(), asked.Data})
		if err != nil {
			return
		}
		found.(*room).deliver(bytes)
	}
	c.send(outgoing{reply: fmt.Appendf(nil, `{"id":%d,"published":true}`, asked.ID)})
}

func (r *room) deliver(text []byte) {
	// It fails only for types of frames that do not exist.
	prepared, _ := websocket.NewPreparedMessage(websocket.TextMessage, text)
	r.mutex.RLock()
	defer r.mutex.RUnlock()
	for member := range r.members {
		member.send(outgoing{shared: prepared})
	}
}

// send queues; a member whose queue is full is closed, and its reader takes it out of the rooms.
func (c *client) send(next outgoing) {
	select {
	case c.queue <- next:
	default:
		c.socket.Close()
	}
}

// write ends when the queue is closed; what comes after a failure is taken and dropped, so that nobody waits for it.
func (c *client) write() {
	for next := range c.queue {
		if c.writeOne(next) != nil {
			c.socket.Close()
		}
	}
}

func (c *client) writeOne(next outgoing) error {
	if next.shared != nil {
		return c.socket.WritePreparedMessage(next.shared)
	}
	return c.socket.WriteMessage(websocket.TextMessage, next.reply)
}

func (c *client) leave() {
	for _, joined := range c.rooms {
		joined.mutex.Lock()
		delete(joined.members, c)
		joined.mutex.Unlock()
	}
	close(c.queue)
	c.socket.Close()
}
