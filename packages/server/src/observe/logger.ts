import { pino, type DestinationStream, type Logger } from "pino";
import { prettyLine } from "./pretty-line.ts";

export interface LoggerSettings {
  readonly logLevel: string;
  /** Lines for people instead of JSON. */
  readonly logPretty: boolean;
}

/** Names of fields that hold secrets: their values never reach a log. */
const SECRET_FIELDS = [
  "token",
  "secret",
  "password",
  "key",
  "apiKey",
  "authorization",
  "Authorization",
  "cookie",
  "x-api-key",
  "X-API-Key",
];

/** Where a secret may stand: in the line itself, in an object of it, or in one within that. */
const DEPTHS = ["", "*", "*.*"];

/** JSON lines with a level, a time and a message; secrets redacted. `write` takes whole lines. */
export function createLogger(settings: LoggerSettings, write: (line: string) => void): Logger {
  const destination: DestinationStream = { write: settings.logPretty ? (line) => write(prettyLine(line)) : write };
  const paths = SECRET_FIELDS.flatMap((name) => DEPTHS.map((depth) => `${depth}["${name}"]`));
  return pino(
    {
      level: settings.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: "[redacted]" },
    },
    destination,
  );
}
