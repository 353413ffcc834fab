#include "listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SR_LISTEN_BACKLOG 1024

static int bound_port(int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	if (getsockname(fd, (struct sockaddr *)&address, &len))
		return 0;
	return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
						   : ((struct sockaddr_in *)&address)->sin_port);
}

static int try_address(const struct addrinfo *info)
{
	int on = 1;
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)); /* accepted sockets inherit it */
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, SR_LISTEN_BACKLOG) == 0)
		return fd;
	on = errno;
	close(fd);
	errno = on;
	return -1;
}

int sr_listen_open(const char *host, const char *port, char *url, size_t size, struct sr_error *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *list;
	bool bracket = strchr(host, ':') != NULL;
	int fd = -1;
	int rc = getaddrinfo(host, port, &hints, &list);

	if (rc)
		return sr_fail(err, SR_EDNS, "listen", "cannot listen on %s: %s", host, gai_strerror(rc));
	for (struct addrinfo *info = list; info && fd < 0; info = info->ai_next)
		fd = try_address(info);
	rc = errno;
	freeaddrinfo(list);
	if (fd < 0)
		return sr_fail_errno(err, SR_EIO, rc, "listen", "cannot listen on %s port %s", host, port);
	snprintf(url, size, "http://%s%s%s:%d", bracket ? "[" : "", host, bracket ? "]" : "", bound_port(fd));
	return fd;
}
