/** The return code of CONNACK to an MQTT 3.1.1 client that shows a token as its password. */
export function mqttConnect(port: number, token: string): Promise<number> {
  const text = (value: string): Buffer =>
    Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), Buffer.from(value)]);
  // Protocol, level 4, flags (user, password, clean session), keep alive 60 s. [MQTT 3.1.1, 3.1.2]
  const body = Buffer.concat([text("MQTT"), Buffer.from([4, 0xc2, 0, 60]), text("device-1"), text("ann"), text(token)]);
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7];
  return new Promise((resolve, reject) => {
    void Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => void socket.write(Buffer.concat([Buffer.from([0x10, ...length]), body])),
        data: (socket, chunk) => {
          resolve(chunk[0] === 0x20 ? (chunk[3] ?? -1) : -1);
          socket.end();
        },
        close: () => reject(new Error("it was closed without an answer")),
      },
    });
  });
}
