import { pino, type DestinationStream, type Logger } from "pino";
import { prettyLine } from "./pretty-line.ts";

export interface LoggerSettings {
  readonly logLevel: string;
  /** Lines for people instead of JSON. */
  readonly logPretty: boolean;
}

/** Names of fields that hold secrets, wherever they stand: their values never reach a log. */
const SECRET_FIELDS = ["token", "secret", "password", "key", "authorization", "cookie", "apiKey"];

/** JSON lines with a level, a time and a message; secrets redacted. `write` takes whole lines. */
export function createLogger(settings: LoggerSettings, write: (line: string) => void): Logger {
  const destination: DestinationStream = { write: settings.logPretty ? (line) => write(prettyLine(line)) : write };
  const paths = SECRET_FIELDS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.headers["${name}"]`]);
  return pino(
    {
      level: settings.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...paths, 'headers["x-api-key"]', '*.headers["x-api-key"]'], censor: "[redacted]" },
    },
    destination,
  );
}
