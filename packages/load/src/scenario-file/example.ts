/** What `tidegate load init` writes. */
export const EXAMPLE_SCENARIO = `# A load for "tidegate load run".
name: Chat in rooms

target:
  protocol: tidegate          # or websocket, mqtt, sse, http-publish
  urls: ws://127.0.0.1:8080/ws
  # token: …                  # where the server wants one
  # pid: 1234                 # a local server's process, to read its CPU and memory

populations:
  - name: members             # 100 clients in 10 rooms, each hears its room
    count: 100
    subscribe:
      topic: chat/room_{room}
      rooms: 10
    publish:
      topic: chat/room_{room}
      rooms: 10
      rate: 50/s              # all of them together, on schedule
      bytes: 100..300
    heartbeat: 25s

phases:
  - phase: ramp
    for: 2s
  - phase: hold
    for: 10s
  - phase: down
    for: 1s

limits:
  p99: 100ms
  lost: 0%
`;
