import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.netty.handler.flush.FlushConsolidationHandler;
import java.net.InetSocketAddress;

/**
 * A room server on Netty: native epoll where there is one, a message encoded once for all members, and one flush for
 * all that a turn wrote to a connection. In memory; the frames are those of plain-ws/server.mjs.
 */
public final class RoomServer {
  private static final int MAX_COMMAND = 65_536;
  private static final int BACKLOG = 4096;
  /** Bytes that may wait for one member; one that falls further behind is closed. */
  private static final WriteBufferWaterMark WAITING = new WriteBufferWaterMark(128 * 1024, 256 * 1024);

  public static void main(String[] args) throws Exception {
    boolean epoll = Epoll.isAvailable();
    IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    Class<? extends ServerChannel> type = epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
    EventLoopGroup loops = new MultiThreadIoEventLoopGroup(Runtime.getRuntime().availableProcessors(), handlers);
    Rooms rooms = new Rooms();
    Channel server =
        new ServerBootstrap()
            .group(loops)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WAITING)
            .childHandler(new Pipeline(rooms))
            .bind(setting("HOST", "127.0.0.1"), Integer.parseInt(setting("PORT", "0")))
            .sync()
            .channel();
    System.out.println("listening " + ((InetSocketAddress) server.localAddress()).getPort());
    server.closeFuture().sync();
  }

  private static String setting(String name, String fallback) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? fallback : value;
  }

  private static final class Pipeline extends ChannelInitializer<Channel> {
    private final Rooms rooms;

    Pipeline(Rooms rooms) {
      this.rooms = rooms;
    }

    @Override
    protected void initChannel(Channel channel) {
      channel
          .pipeline()
          .addLast(new FlushConsolidationHandler(256, true))
          .addLast(new HttpServerCodec())
          .addLast(new HttpObjectAggregator(MAX_COMMAND))
          .addLast(new WebSocketServerProtocolHandler("/", null, false, MAX_COMMAND))
          .addLast(new Client(rooms));
    }
  }
}
