/** What one option is, as data. Everything else about it (type, flag, variable, help, documentation) follows from this. */
export type OptionSpec =
  IntegerSpec | DurationSpec | SizeSpec | BooleanSpec | TextSpec | ChoiceSpec | ListSpec | KeysSpec | UsersSpec;

interface Common {
  /** One line, a full sentence. */
  readonly about: string;
  /** Never printed, and never taken from a flag: command lines can be read by everyone on the machine. */
  readonly secret?: true;
  /** What an absent value becomes, in words; the value is worked out in derive.ts. */
  readonly derived?: string;
}

export interface IntegerSpec extends Common {
  readonly kind: "integer";
  readonly default: number | undefined;
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

/** Written `25s`; milliseconds inside. `min` and `max` are written in the same way. */
export interface DurationSpec extends Common {
  readonly kind: "duration";
  readonly default: string | undefined;
  readonly min: string;
  readonly max: string;
}

/** Written `64KB`; bytes inside. */
export interface SizeSpec extends Common {
  readonly kind: "size";
  readonly default: string | undefined;
  readonly min: string;
  readonly max: string;
}

export interface BooleanSpec extends Common {
  readonly kind: "boolean";
  readonly default: boolean | undefined;
}

export interface TextSpec extends Common {
  readonly kind: "text";
  readonly default: string | undefined;
  /** What the text is, for the help: `path`, `URL or path`, … */
  readonly form?: string;
  readonly minChars?: number;
}

export interface ChoiceSpec extends Common {
  readonly kind: "choice";
  readonly default: string | undefined;
  readonly choices: readonly string[];
}

export interface ListSpec extends Common {
  readonly kind: "list";
  readonly default: readonly string[] | undefined;
  readonly items: ItemKind;
  readonly choices?: readonly string[];
}

/**
 * `pattern`: a topic filter that may hold `{user}`. `origin`: what browsers send as Origin, or `*`. `server`: URL of a NATS server, whose
 * user info is a secret. `monitor`: URL of a monitoring port.
 */
export type ItemKind = "pattern" | "origin" | "text" | "choice" | "server" | "monitor";

/** API keys of other servers. */
export interface KeysSpec extends Common {
  readonly kind: "keys";
  readonly default: readonly never[];
}

/** One API key as it is configured; exactly one of `hash` and `key` is there. */
export interface KeyOption {
  readonly name: string;
  /** SHA-256 of the key, as 64 hexadecimal digits. */
  readonly hash: string | undefined;
  /** The key itself, for development. */
  readonly key: string | undefined;
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May use the server's own commands: revoke, list, disconnect. */
  readonly admin: boolean;
}

/** Users who sign in with a password. */
export interface UsersSpec extends Common {
  readonly kind: "users";
  readonly default: readonly never[];
}

/** One user as configured. */
export interface UserOption {
  readonly name: string;
  /** Of the password: argon2id or bcrypt in the form of Bun.password.hash, or of mosquitto_passwd. */
  readonly hash: string;
  /** When the password was set, in milliseconds since 1970: a revocation of the user from before does not concern it. */
  readonly since: number | undefined;
  /** On top of what all users may. */
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** May use the server's own commands. */
  readonly admin: boolean;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

type Scalar<S> = S extends { kind: "integer" | "duration" | "size" }
  ? number
  : S extends { kind: "boolean" }
    ? boolean
    : S extends { kind: "choice"; choices: readonly (infer C)[] }
      ? C
      : S extends { kind: "list" }
        ? readonly string[]
        : S extends { kind: "keys" }
          ? readonly KeyOption[]
          : S extends { kind: "users" }
            ? readonly UserOption[]
            : string;

/** The TypeScript type of an option's value. */
export type ValueOf<S> = S extends { derived: string }
  ? Scalar<S>
  : S extends { default: undefined }
    ? Scalar<S> | undefined
    : Scalar<S>;

type Head<K> = K extends `${infer H}.${string}` ? H : K;
type Below<T, H extends string> = { [K in keyof T as K extends `${H}.${infer R}` ? R : never]: T[K] };

/** A table of dotted names as the nested, readonly object that the program uses. */
export type Nested<T> = {
  readonly [H in Head<keyof T> & string]: H extends keyof T ? ValueOf<T[H]> : Nested<Below<T, H>>;
};
