#include "http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 512
#define REQUEST_MAX     (256 * 1024)

struct peer {
	struct server *server;
	pthread_t thread;
	int fd;
	unsigned nth;
	bool ended;
};

struct server {
	serve_fn *serve;
	void *arg;
	int fd, port;
	char url[64];
	bool local;
	pthread_t thread;
	pthread_mutex_t lock;
	sem_t go;
	struct peer peers[CONNECTIONS_MAX];
	unsigned count, requests;
	bool stopping;
	char last[REQUEST_MAX];
};

static void *serve_peer(void *arg)
{
	struct peer *peer = arg;
	struct server *server = peer->server;

	server->serve(server, peer->fd, peer->nth);
	pthread_mutex_lock(&server->lock);
	close(peer->fd);
	peer->ended = true;
	pthread_mutex_unlock(&server->lock);
	return NULL;
}

static void *accept_peers(void *arg)
{
	struct server *server = arg;
	int fd, on = 1;

	while ((fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (!server->local)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
		pthread_mutex_lock(&server->lock);
		if (server->stopping || server->count == CONNECTIONS_MAX) {
			close(fd);
		} else {
			struct peer *peer = &server->peers[server->count++];

			*peer = (struct peer){.server = server, .fd = fd, .nth = server->count};
			if (pthread_create(&peer->thread, NULL, serve_peer, peer) != 0)
				abort();
		}
		pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

static struct server *server_new(serve_fn *serve, void *arg, int family)
{
	struct server *server = calloc(1, sizeof *server);

	server->serve = serve;
	server->arg = arg;
	server->fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_mutex_init(&server->lock, NULL);
	sem_init(&server->go, 0, 0);
	return server;
}

static struct server *listen_on(struct server *server, const void *address, socklen_t len)
{
	if (bind(server->fd, address, len) != 0 || listen(server->fd, 512) != 0) {
		perror("server");
		abort();
	}
	if (pthread_create(&server->thread, NULL, accept_peers, server) != 0)
		abort();
	return server;
}

struct server *server_start(serve_fn *serve, void *arg)
{
	struct server *server = server_new(serve, arg, AF_INET);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;

	listen_on(server, &address, len);
	getsockname(server->fd, (struct sockaddr *)&address, &len);
	server->port = ntohs(address.sin_port);
	snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", server->port);
	return server;
}

struct server *server_start_unix(serve_fn *serve, void *arg, const char *path)
{
	struct server *server = server_new(serve, arg, AF_UNIX);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	server->local = true;
	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	snprintf(server->url, sizeof server->url, "http://localhost");
	return listen_on(server, &address, sizeof address);
}

void server_stop(struct server *server)
{
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	pthread_mutex_lock(&server->lock);
	server->stopping = true;
	for (unsigned i = 0; i < server->count; i++) {
		if (!server->peers[i].ended)
			shutdown(server->peers[i].fd, SHUT_RDWR);
		sem_post(&server->go);
	}
	pthread_mutex_unlock(&server->lock);
	for (unsigned i = 0; i < server->count; i++)
		pthread_join(server->peers[i].thread, NULL);
	sem_destroy(&server->go);
	pthread_mutex_destroy(&server->lock);
	free(server);
}

const char *server_url(const struct server *server)
{
	return server->url;
}

int server_port(const struct server *server)
{
	return server->port;
}

void *server_arg(const struct server *server)
{
	return server->arg;
}

unsigned server_connections(struct server *server)
{
	unsigned count;

	pthread_mutex_lock(&server->lock);
	count = server->count;
	pthread_mutex_unlock(&server->lock);
	return count;
}

unsigned server_requests(struct server *server)
{
	unsigned count;

	pthread_mutex_lock(&server->lock);
	count = server->requests;
	pthread_mutex_unlock(&server->lock);
	return count;
}

void server_last(struct server *server, char *out, size_t size)
{
	pthread_mutex_lock(&server->lock);
	snprintf(out, size, "%s", server->last);
	pthread_mutex_unlock(&server->lock);
}

void server_go(struct server *server)
{
	sem_post(&server->go);
}

void server_wait(struct server *server)
{
	struct timespec until;
	bool stopping;

	pthread_mutex_lock(&server->lock);
	stopping = server->stopping;
	pthread_mutex_unlock(&server->lock);
	if (stopping)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 10;
	sem_timedwait(&server->go, &until);
}

static size_t body_length(const char *head)
{
	const char *line = strcasestr(head, "\r\nContent-Length:");

	return line ? strtoul(line + 17, NULL, 10) : 0;
}

bool server_read(struct server *server, int fd)
{
	char *text = malloc(REQUEST_MAX), *end;
	size_t len = 0, want = 0;
	ssize_t n;

	/* Byte by byte up to the end of the head, so that a request after this one is left alone. */
	while (want == 0 || len < want) {
		n = recv(fd, text + len, want ? want - len : 1, 0);
		if (n <= 0 || len + 2 >= REQUEST_MAX)
			break;
		len += (size_t)n;
		text[len] = '\0';
		if (want == 0 && (end = strstr(text, "\r\n\r\n")))
			want = (size_t)(end + 4 - text) + body_length(text);
	}
	if (want && len == want) {
		pthread_mutex_lock(&server->lock);
		memcpy(server->last, text, len + 1);
		server->requests++;
		pthread_mutex_unlock(&server->lock);
	}
	free(text);
	return want && len == want;
}

void server_say_n(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = send(fd, at, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		at += n;
		len -= (size_t)n;
	}
}

void server_say(int fd, const char *text)
{
	server_say_n(fd, text, strlen(text));
}

/* The pause lets the reader see each byte alone; nothing depends on it. */
void server_drip(int fd, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		server_say_n(fd, text + i, 1);
		nanosleep(&(struct timespec){.tv_nsec = 50000}, NULL);
	}
}

void server_reset(int fd)
{
	struct linger linger = {.l_onoff = 1, .l_linger = 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

void server_serve_ok(struct server *server, int fd, unsigned nth)
{
	(void)nth;
	while (server_read(server, fd))
		server_say(fd, SERVER_OK);
}
