import { centrifugoDialect } from "./centrifugo.ts";
import type { Dialect, DialectName } from "./dialect.ts";
import { mqttDialect } from "./mqtt/dialect.ts";
import { plainDialect } from "./plain.ts";
import { socketIoDialect } from "./socket-io.ts";
import { tidegateDialect } from "./tidegate.ts";

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  tidegate: tidegateDialect,
  plain: plainDialect,
  "socket.io": socketIoDialect,
  centrifugo: centrifugoDialect,
  mqtt: mqttDialect,
};
