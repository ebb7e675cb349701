/** Memory, passes and rounds that one verification may cost: what is more is a mistake, or stops the server. */
const MAX_KIB = 256 * 1024;
const MAX_PASSES = 20;
const MAX_LANES = 16;
/** 2^15 rounds take some 2.5 s of a core (bench/password.ts). */
const MAX_BCRYPT_COST = 15;

/** What Bun.password.hash makes, and mosquitto_passwd from 2.1 on. */
const ARGON2ID =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,8}),t=([1-9]\d{0,8}),p=([1-9]\d{0,8})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
/** The bits that are left over in the last character of salt and hash are zero. 2y is htpasswd's name for 2b. */
const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

/** Of mosquitto_passwd before 2.1: 6 is SHA-512 and salt, 7 is PBKDF2. The digest has 64 bytes. */
const MOSQUITTO = /^\$(?:6|7\$([1-9]\d{0,8}))\$([A-Za-z0-9+/]{4,88}={0,2})\$([A-Za-z0-9+/]{86}==)$/;
/** Half a second of a core (bench/password.ts). */
const MAX_ITERATIONS = 1_000_000;

/** Why a text is no hash of a password that the server verifies; undefined if it is one. Holds nothing of it. */
export function passwordHashFault(hash: unknown): string | undefined {
  if (typeof hash !== "string") return MISSING;
  if (hash.startsWith("$argon2id$")) return argon2Fault(ARGON2ID.exec(hash));
  if (/^\$2[aby]\$/.test(hash)) return bcryptFault(BCRYPT.exec(hash));
  if (/^\$[67]\$/.test(hash)) return mosquittoFault(MOSQUITTO.exec(hash));
  return MISSING;
}

const MAKE = 'make one with "tidegate password"';
const MISSING = `must be the argon2id or bcrypt hash of the password; ${MAKE}`;

function argon2Fault(parts: RegExpExecArray | null): string | undefined {
  if (parts === null) return `is not a whole argon2id hash (version 19); ${MAKE}`;
  const [, memory, passes, lanes, salt = "", digest = ""] = parts;
  if (!isBase64(salt) || !isBase64(digest)) return `is not a whole argon2id hash (version 19); ${MAKE}`;
  const [m, t, p] = [Number(memory), Number(passes), Number(lanes)];
  if (m > MAX_KIB || t > MAX_PASSES || p > MAX_LANES)
    return `costs too much to verify: at most m=${MAX_KIB}, t=${MAX_PASSES} and p=${MAX_LANES}`;
  // [RFC 9106, 3.1]
  return m < 8 * p ? "has parameters that argon2id does not allow: m must be at least 8 times p" : undefined;
}

function bcryptFault(parts: RegExpExecArray | null): string | undefined {
  if (parts === null) return `is not a whole bcrypt hash; ${MAKE}`;
  const cost = Number(parts[1]);
  if (cost >= 4 && cost <= MAX_BCRYPT_COST) return undefined;
  return `has the bcrypt cost ${cost}: it must be from 4 to ${MAX_BCRYPT_COST}`;
}

function mosquittoFault(parts: RegExpExecArray | null): string | undefined {
  const [, iterations = "1", salt = "", digest = ""] = parts ?? [];
  if (parts === null || !isBase64(salt) || !isBase64(digest)) return `is not a whole hash of mosquitto_passwd; ${MAKE}`;
  return Number(iterations) > MAX_ITERATIONS
    ? `costs too much to verify: at most ${MAX_ITERATIONS} iterations`
    : undefined;
}

/** Whether it is what base64 makes of some bytes, with or without the signs at its end. */
function isBase64(text: string): boolean {
  return withoutEnd(Buffer.from(text, "base64").toString("base64")) === withoutEnd(text);
}

function withoutEnd(base64: string): string {
  return base64.replace(/=+$/, "");
}
