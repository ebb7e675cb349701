import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Rooms by name, and who is in them. */
final class Rooms {
  private final ConcurrentHashMap<String, Set<Channel>> members = new ConcurrentHashMap<>();
  private final AtomicLong clients = new AtomicLong();

  long nextName() {
    return clients.incrementAndGet();
  }

  void join(String room, Channel member) {
    members.computeIfAbsent(room, (name) -> ConcurrentHashMap.newKeySet()).add(member);
  }

  void leave(String room, Channel member) {
    Set<Channel> others = members.get(room);
    if (others != null) others.remove(member);
  }

  /** Releases {@code text}. Members share its bytes. */
  void deliver(String room, ByteBuf text) {
    Set<Channel> all = members.getOrDefault(room, Set.of());
    for (Channel member : all) {
      if (member.isWritable()) {
        member.writeAndFlush(new TextWebSocketFrame(text.retainedDuplicate()), member.voidPromise());
      } else {
        member.close();
      }
    }
    text.release();
  }
}
