/*
 * A bare WebSocket echo: one thread, epoll, no library. It does the least that a server can do (RFC 6455 handshake,
 * unmask, send back), so its rate is the limit that the kernel sets on this machine.
 *
 * Left out on purpose: frames over 64 KB, TLS, timeouts. A peer that breaks the protocol is cut off.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "accept-key.h"

enum { IN_SIZE = 16384, EVENTS = 1024, BACKLOG = 4096 };

struct peer {
  int fd;
  int open; /* the handshake is done */
  size_t used;
  unsigned char in[IN_SIZE];
};

static unsigned char out[IN_SIZE + 64];

static void drop(struct peer *p) {
  close(p->fd);
  free(p);
}

/* The echo has at most what was read, and clients of a benchmark read: a full socket buffer ends the connection. */
static int put(int fd, const void *bytes, size_t length) {
  return send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length ? 0 : -1;
}

/* 1: done, 0: more bytes are needed, -1: not a WebSocket upgrade. */
static int handshake(struct peer *p) {
  if (p->used == IN_SIZE) return -1;
  p->in[p->used] = 0;
  char *text = (char *)p->in;
  char *end = strstr(text, "\r\n\r\n");
  if (end == NULL) return 0;
  char *key = strcasestr(text, "\r\nSec-WebSocket-Key:");
  if (key == NULL || key > end) return -1;
  key += 20;
  while (*key == ' ') key++;
  size_t key_length = strcspn(key, " \r\n");
  if (key_length != 24) return -1;
  char accept[29];
  accept_key(key, key_length, accept);
  char answer[160];
  int length = snprintf(answer, sizeof answer,
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n", accept);
  if (put(p->fd, answer, (size_t)length) < 0) return -1;
  size_t head = (size_t)(end + 4 - text);
  memmove(p->in, p->in + head, p->used - head);
  p->used -= head;
  p->open = 1;
  return 1;
}

/* Bytes of the frame at `at`, 0 if it is not complete, -1 if it is one that this server does not take. */
static long frame(const unsigned char *at, size_t have, size_t *head, size_t *length) {
  if (have < 6) return 0;
  if (!(at[1] & 0x80) || !(at[0] & 0x80)) return -1;
  *length = at[1] & 0x7f;
  *head = 6;
  if (*length == 127) return -1;
  if (*length == 126) {
    *length = (size_t)at[2] << 8 | at[3];
    *head = 8;
  }
  if (*head + *length > IN_SIZE) return -1;
  return have < *head + *length ? 0 : (long)(*head + *length);
}

static size_t answer_frame(unsigned char *to, const unsigned char *at, size_t head, size_t length) {
  const unsigned char *mask = at + head - 4, *body = at + head;
  size_t n = 0;
  /* A ping is answered with a pong, all else with itself. */
  to[n++] = (at[0] & 0x0f) == 9 ? 0x8a : at[0];
  if (length < 126) {
    to[n++] = (unsigned char)length;
  } else {
    to[n++] = 126;
    to[n++] = (unsigned char)(length >> 8);
    to[n++] = (unsigned char)length;
  }
  for (size_t i = 0; i < length; i++) to[n + i] = body[i] ^ mask[i & 3];
  return n + length;
}

/* All complete frames of one read go back in one write. */
static int echo(struct peer *p) {
  size_t at = 0, n = 0, head, length;
  long size;
  while ((size = frame(p->in + at, p->used - at, &head, &length)) > 0) {
    if ((p->in[at] & 0x0f) == 8) return -1;
    n += answer_frame(out + n, p->in + at, head, length);
    at += (size_t)size;
  }
  if (size < 0) return -1;
  memmove(p->in, p->in + at, p->used - at);
  p->used -= at;
  return n == 0 ? 0 : put(p->fd, out, n);
}

static int readable(struct peer *p) {
  ssize_t got = recv(p->fd, p->in + p->used, IN_SIZE - p->used, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (got <= 0) return -1;
  p->used += (size_t)got;
  if (!p->open) {
    int done = handshake(p);
    if (done <= 0) return done;
  }
  return echo(p);
}

static void accept_all(int listener, int epoll) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct peer *p = malloc(sizeof *p);
    if (p == NULL) {
      close(fd);
      return;
    }
    p->fd = fd;
    p->open = 0;
    p->used = 0;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0) drop(p);
  }
}

static int listen_on(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0) {
    perror("listen");
    exit(1);
  }
  socklen_t size = sizeof address;
  getsockname(fd, (struct sockaddr *)&address, &size);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

int main(void) {
  const char *port = getenv("PORT");
  int listener = listen_on((uint16_t)(port == NULL ? 0 : atoi(port)));
  int epoll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int n = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < n; i++) {
      struct peer *p = events[i].data.ptr;
      if (p == NULL) accept_all(listener, epoll);
      else if (readable(p) < 0) drop(p);
    }
  }
}
