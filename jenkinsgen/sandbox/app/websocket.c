#include "websocket.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum { MOST_OPEN = 1024, LARGEST_FRAME = 4096, TEXT = 1, CLOSE = 8, PING = 9, PONG = 10, LAST = 0x80 };

/* ---- the handshake: base64 of the SHA-1 of the key and a fixed text */

static uint32_t rotated(uint32_t word, int bits)
{
    return word << bits | word >> (32 - bits);
}

static void sha1_block(uint32_t state[5], const uint8_t *block)
{
    uint32_t w[80];
    for (int i = 0; i < 16; i++, block += 4)
        w[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
    for (int i = 16; i < 80; i++)
        w[i] = rotated(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 80; i++) {
        uint32_t f = i < 20 ? (b & c) | (~b & d) : i < 40 ? b ^ c ^ d : i < 60 ? (b & c) | (b & d) | (c & d) : b ^ c ^ d;
        uint32_t k = i < 20 ? 0x5a827999 : i < 40 ? 0x6ed9eba1 : i < 60 ? 0x8f1bbcdc : 0xca62c1d6;
        uint32_t next = rotated(a, 5) + f + e + k + w[i];
        e = d, d = c, c = rotated(b, 30), b = a, a = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d, state[4] += e;
}

/* The digest of a text of at most 119 bytes: two blocks hold it with its padding. */
static void sha1(const char *text, uint8_t digest[20])
{
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    uint8_t blocks[128] = {0};
    size_t length = strlen(text), size = length < 56 ? 64 : 128;
    memcpy(blocks, text, length);
    blocks[length] = 0x80;
    blocks[size - 2] = (uint8_t)(length * 8 >> 8);
    blocks[size - 1] = (uint8_t)(length * 8);
    for (size_t at = 0; at < size; at += 64)
        sha1_block(state, blocks + at);
    for (int i = 0; i < 20; i++)
        digest[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static void base64(const uint8_t bytes[21], char text[29])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < 7; i++, bytes += 3, text += 4) {
        uint32_t three = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
        for (int digit = 0; digit < 4; digit++)
            text[digit] = digits[three >> (18 - 6 * digit) & 63];
    }
    memcpy(text - 1, "=", 2); /* 20 bytes are one short of seven threes */
}

bool websocket_accept(int socket, const char *key, const char *version)
{
    char text[120], accept[29], answer[512];
    uint8_t digest[21] = {0};
    snprintf(text, sizeof text, "%.60s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key);
    sha1(text, digest);
    base64(digest, accept);
    int length = snprintf(answer, sizeof answer,
                          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\nX-Version: %.60s\r\n\r\n", accept, version);
    return send(socket, answer, (size_t)length, MSG_NOSIGNAL) == length;
}

/* ---- frames */

/* The sockets of open WebSockets, each plus one; 0 is a free place. */
static atomic_int open_sockets[MOST_OPEN];

static atomic_int *enter(int socket)
{
    for (int i = 0; i < MOST_OPEN; i++) {
        int nobody = 0;
        if (atomic_compare_exchange_strong(&open_sockets[i], &nobody, socket + 1))
            return &open_sockets[i];
    }
    return NULL;
}

static bool receive(int socket, uint8_t *bytes, size_t size)
{
    return size == 0 || recv(socket, bytes, size, MSG_WAITALL) == (ssize_t)size;
}

/* Sends a frame, whose header is 2 or 4 bytes, in one piece. */
static bool send_frame(int socket, int kind, const uint8_t *payload, size_t size)
{
    uint8_t frame[4 + LARGEST_FRAME] = {(uint8_t)(LAST | kind), (uint8_t)size};
    size_t header = 2;
    if (size > 125)
        frame[1] = 126, frame[2] = (uint8_t)(size >> 8), frame[3] = (uint8_t)size, header = 4;
    memcpy(frame + header, payload, size);
    return send(socket, frame, header + size, MSG_NOSIGNAL) == (ssize_t)(header + size);
}

/* Reads a frame and answers it; false when there is nothing more to do. Fragments and large frames end it. */
static bool echo_frame(int socket)
{
    uint8_t header[2], extended[2], mask[4], payload[LARGEST_FRAME];
    if (!receive(socket, header, sizeof header))
        return false;
    size_t size = header[1] & 0x7f;
    if (size == 126) {
        if (!receive(socket, extended, sizeof extended))
            return false;
        size = (size_t)extended[0] << 8 | extended[1];
    }
    if (!(header[0] & LAST) || !(header[1] & 0x80) || size > LARGEST_FRAME)
        return false;
    if (!receive(socket, mask, sizeof mask) || !receive(socket, payload, size))
        return false;
    for (size_t i = 0; i < size; i++)
        payload[i] ^= mask[i % 4];
    switch (header[0] & 0x0f) {
    case TEXT:
        return send_frame(socket, TEXT, payload, size);
    case PING:
        return send_frame(socket, PONG, payload, size);
    case CLOSE:
        send_frame(socket, CLOSE, payload, size);
    }
    return false;
}

void websocket_echo(int socket)
{
    atomic_int *place = enter(socket);
    while (place && echo_frame(socket))
        ;
    if (place)
        atomic_store(place, 0);
}

void websocket_goodbye(void)
{
    static const uint8_t going_away[] = {LAST | CLOSE, 2, 1001 >> 8, 1001 & 0xff};
    for (int i = 0; i < MOST_OPEN; i++) {
        int socket = atomic_load(&open_sockets[i]) - 1;
        if (socket >= 0)
            send(socket, going_away, sizeof going_away, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}
