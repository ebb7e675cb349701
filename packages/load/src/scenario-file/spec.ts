/** What one key of a scenario is, as data: its type, its check, its line in the documentation follow from this. */
export type FieldSpec =
  | TextField
  | IntegerField
  | RateField
  | DurationField
  | ShareField
  | RangeField
  | AmountField
  | ChoiceField
  | BooleanField
  | TextsField
  | MapField
  | GroupField
  | GroupsField;

export type FieldTable = Readonly<Record<string, FieldSpec>>;

interface Common {
  /** One line, a full sentence. */
  readonly about: string;
  /** The scenario is refused without it. */
  readonly required?: true;
}

export interface TextField extends Common {
  readonly kind: "text";
  readonly default?: string;
  /** Never written into a report. */
  readonly secret?: true;
}

export interface IntegerField extends Common {
  readonly kind: "integer";
  readonly default?: number;
  readonly min: number;
  readonly max: number;
}

/** Written `500/s`, `30/m`, or a number of a second; a number of a second inside. */
export interface RateField extends Common {
  readonly kind: "rate";
  readonly default?: string;
}

/** Written `10s`; milliseconds inside. */
export interface DurationField extends Common {
  readonly kind: "duration";
  readonly default?: string;
}

/** Written `50%`; 0.5 inside. May be above 100 % where that makes sense. */
export interface ShareField extends Common {
  readonly kind: "share";
  readonly default?: string;
  readonly max: number;
}

/** One value or `low..high`: bytes (`64..2KB`) or milliseconds (`1s..5s`). */
export interface RangeField extends Common {
  readonly kind: "range";
  readonly of: "size" | "duration";
  readonly default?: string;
}

/** A number of connections or a share of them. */
export interface AmountField extends Common {
  readonly kind: "amount";
  readonly default?: string;
}

export interface ChoiceField extends Common {
  readonly kind: "choice";
  readonly default?: string;
  readonly choices: readonly string[];
}

export interface BooleanField extends Common {
  readonly kind: "boolean";
  readonly default?: boolean;
}

/** A list of texts; one text alone is a list of one. */
export interface TextsField extends Common {
  readonly kind: "texts";
  readonly default?: readonly string[];
}

/** Names and texts, such as headers. */
export interface MapField extends Common {
  readonly kind: "map";
  readonly default?: Readonly<Record<string, string>>;
}

export interface GroupField extends Common {
  readonly kind: "group";
  readonly fields: FieldTable;
  /** Absent groups become one with all defaults. */
  readonly default?: "fields";
}

export interface GroupsField extends Common {
  readonly kind: "groups";
  readonly fields: FieldTable;
  readonly default?: readonly never[];
}

/** One value or both ends of a range, in bytes or milliseconds. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** So many connections, or so large a share of those that the scenario has. */
export type Amount = { readonly count: number } | { readonly share: number };

type Bare<F> = F extends { kind: "text" }
  ? string
  : F extends { kind: "integer" | "rate" | "duration" | "share" }
    ? number
    : F extends { kind: "range" }
      ? Range
      : F extends { kind: "amount" }
        ? Amount
        : F extends { kind: "choice"; choices: readonly (infer C)[] }
          ? C
          : F extends { kind: "boolean" }
            ? boolean
            : F extends { kind: "texts" }
              ? readonly string[]
              : F extends { kind: "map" }
                ? Readonly<Record<string, string>>
                : F extends { kind: "group"; fields: infer T }
                  ? ValuesOf<T>
                  : F extends { kind: "groups"; fields: infer T }
                    ? readonly ValuesOf<T>[]
                    : never;

type ValueOf<F> = F extends { required: true } | { default: unknown } ? Bare<F> : Bare<F> | undefined;

/** The TypeScript type of what a table describes. */
export type ValuesOf<T> = { readonly [K in keyof T]: ValueOf<T[K]> };
