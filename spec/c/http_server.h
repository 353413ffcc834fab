/* A server that says exactly what a test wants, byte by byte if need be. Each connection runs the test's
 * function in a thread of its own with blocking I/O; when the function returns, the connection is closed. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct server;

/* nth counts connections from 1. */
typedef void serve_fn(struct server *server, int fd, unsigned nth);

struct server *server_start(serve_fn *serve, void *arg); /* 127.0.0.1, a free port */
struct server *server_start_unix(serve_fn *serve, void *arg, const char *path);
void server_stop(struct server *server); /* ends every connection; joins every thread */

const char *server_url(const struct server *server); /* "http://127.0.0.1:12345" */
int server_port(const struct server *server);
void *server_arg(const struct server *server);
unsigned server_connections(struct server *server);

/* The test lets the serving threads go on, one server_wait a server_go. At most 10 s are waited,
 * and not at all once the server is to stop. */
void server_go(struct server *server);
void server_wait(struct server *server);

/* Reads one request (its head, and the body that Content-Length tells) as a string; false at the end of the
 * stream. The last request read on any connection can be looked at with server_last. */
bool server_read(struct server *server, int fd);
void server_last(struct server *server, char *out, size_t size);
unsigned server_requests(struct server *server);

void server_say(int fd, const char *text);
void server_say_n(int fd, const void *data, size_t len);
void server_drip(int fd, const char *text, size_t len); /* one byte in one packet */
void server_reset(int fd);                              /* the connection ends with RST */

/* Answers every request with SERVER_OK. */
#define SERVER_OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
void server_serve_ok(struct server *server, int fd, unsigned nth);

#endif
