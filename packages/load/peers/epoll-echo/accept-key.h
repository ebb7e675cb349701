/* Sec-WebSocket-Accept of RFC 6455, section 4.2.2: base64 of the SHA-1 (RFC 3174) of the key and a fixed GUID. */
#ifndef ACCEPT_KEY_H
#define ACCEPT_KEY_H

#include <stdint.h>
#include <string.h>

static uint32_t roll(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

static void sha1_block(uint32_t state[5], const unsigned char *block) {
  uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
  for (int i = 16; i < 80; i++) w[i] = roll(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t f, k;
    if (i < 20) f = (b & c) | (~b & d), k = 0x5a827999;
    else if (i < 40) f = b ^ c ^ d, k = 0x6ed9eba1;
    else if (i < 60) f = (b & c) | (b & d) | (c & d), k = 0x8f1bbcdc;
    else f = b ^ c ^ d, k = 0xca62c1d6;
    uint32_t next = roll(a, 5) + f + e + k + w[i];
    e = d, d = c, c = roll(b, 30), b = a, a = next;
  }
  state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* The key has 24 characters and the GUID 36: with its padding the text is exactly two blocks. */
static void sha1_of_key(const char *key, size_t length, unsigned char digest[20]) {
  unsigned char text[128] = {0};
  uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  memcpy(text, key, length);
  memcpy(text + length, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11", 36);
  size_t bits = (length + 36) * 8;
  text[length + 36] = 0x80;
  text[126] = (unsigned char)(bits >> 8);
  text[127] = (unsigned char)bits;
  sha1_block(state, text);
  sha1_block(state, text + 64);
  for (int i = 0; i < 20; i++) digest[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}

/* `accept` gets 28 characters and a zero. */
static void accept_key(const char *key, size_t length, char accept[29]) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned char digest[21] = {0};
  sha1_of_key(key, length, digest);
  for (int i = 0; i < 7; i++) {
    uint32_t three = (uint32_t)digest[3 * i] << 16 | (uint32_t)digest[3 * i + 1] << 8 | digest[3 * i + 2];
    for (int j = 0; j < 4; j++) accept[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
  }
  accept[27] = '=';
  accept[28] = 0;
}

#endif
