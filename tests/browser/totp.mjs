// Codes of an authenticator app (RFC 6238): six figures of a secret and the time, by SHA-1 in steps of 30 seconds.

import { createHmac } from "node:crypto";

/** Milliseconds for which a code is shown. */
export const STEP = 30_000;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * Returns the code of a secret, written in base 32, at an instant in milliseconds.
 * @param {string} secret
 * @param {number} instant
 */
export function totp(secret, instant) {
  const bits = [...secret].map((sign) => BASE32.indexOf(sign).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(instant / STEP)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}
