import { afterAll, describe, expect, test } from "bun:test";
import { NATS } from "../../log/nats/fixture.ts";
import { Certificates } from "../certificates.ts";
import { SharedBench, webSocket } from "./cluster.ts";

const ends: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const end of ends) await end();
});

/** NATS over TLS, with a password. */
async function bench(certificates: Certificates): Promise<SharedBench> {
  const { cert, key } = await certificates.issue("nats");
  const config = `tls { cert_file: "${cert}", key_file: "${key}" }\nauthorization { user: ann, password: secret }`;
  const made = new SharedBench({ config });
  await made.start();
  ends.push(made.remove);
  return made;
}

describe.skipIf(NATS === undefined)("NATS over TLS", () => {
  test("O36 a gateway connects by TLS with the authority that it is given, and with credentials; with others it does not start", async () => {
    await using certificates = await Certificates.make();
    const made = await bench(certificates);
    const url = made.nats.server.url.replace("nats://", "tls://ann:secret@");
    const cluster = made.name();
    const gateway = await made.gateway(cluster, { LOG: url, LOG_CA_FILE: certificates.ca });
    const client = await webSocket(gateway);
    expect(await client.ask({ publish: { topic: "a/b", data: 1 } })).toHaveProperty("publish");
    expect(await made.refusal(cluster, { LOG: url })).toContain("no NATS at tls://127.0.0.1");
    const wrong = url.replace("secret", "guessed");
    const refusal = await made.refusal(cluster, { LOG: wrong, LOG_CA_FILE: certificates.ca });
    expect(refusal).toContain("no NATS at tls://127.0.0.1");
    expect(refusal).not.toContain("guessed");
  });

  test("O36 whoever asks for TLS does not go on without it", async () => {
    const plain = new SharedBench();
    await plain.start();
    ends.push(plain.remove);
    const url = plain.nats.server.url.replace("nats://", "tls://");
    expect(await plain.refusal(plain.name(), { LOG: url })).toContain("no NATS at tls://127.0.0.1");
  });
});
