import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** One connection's commands. */
final class Client extends SimpleChannelInboundHandler<TextWebSocketFrame> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Rooms rooms;
  private final long name;
  private final List<String> joined = new ArrayList<>(2);

  Client(Rooms rooms) {
    this.rooms = rooms;
    this.name = rooms.nextName();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, TextWebSocketFrame frame) throws IOException {
    JsonNode command = read(frame.content());
    ObjectNode reply = JSON.createObjectNode().put("id", command.path("id").asLong());
    if (command.path("join").isTextual()) {
      join(context, command.get("join").asText(), reply);
    } else if (command.path("publish").isTextual()) {
      publish(context, command, reply);
    } else {
      reply.put("error", "unknown command");
    }
    context.writeAndFlush(new TextWebSocketFrame(write(context, reply)), context.voidPromise());
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    for (String room : joined) rooms.leave(room, context.channel());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }

  private void join(ChannelHandlerContext context, String room, ObjectNode reply) {
    rooms.join(room, context.channel());
    joined.add(room);
    reply.put("joined", room);
  }

  private void publish(ChannelHandlerContext context, JsonNode command, ObjectNode reply) throws IOException {
    String room = command.get("publish").asText();
    ObjectNode message = JSON.createObjectNode();
    message.put("room", room).put("from", name).put("time", System.currentTimeMillis());
    message.set("data", command.get("data"));
    rooms.deliver(room, write(context, message));
    reply.put("published", true);
  }

  private static JsonNode read(ByteBuf text) throws IOException {
    try (InputStream stream = new ByteBufInputStream(text)) {
      return JSON.readTree(stream);
    }
  }

  private static ByteBuf write(ChannelHandlerContext context, JsonNode value) throws IOException {
    ByteBuf text = context.alloc().buffer();
    try (OutputStream stream = new ByteBufOutputStream(text)) {
      JSON.writeValue(stream, value);
    }
    return text;
  }
}
