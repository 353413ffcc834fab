#include "internal.h"

#include <errno.h>
#include <sys/socket.h>

static ssize_t plain_send(struct sr_http_conn *conn, const void *data, size_t len)
{
	ssize_t n;

	do
		n = send(conn->fd, data, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static ssize_t plain_recv(struct sr_http_conn *conn, void *data, size_t len)
{
	ssize_t n;

	do
		n = recv(conn->fd, data, len, 0);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

const struct sr_http_stream sr_http_plain = {plain_send, plain_recv, false};

static ssize_t tls_send(struct sr_http_conn *conn, const void *data, size_t len)
{
	size_t n = 0;
	CURLcode rc = curl_easy_send(conn->easy, data, len, &n);

	if (rc == CURLE_OK)
		return (ssize_t)n;
	return rc == CURLE_AGAIN ? -EAGAIN : -EPIPE;
}

static ssize_t tls_recv(struct sr_http_conn *conn, void *data, size_t len)
{
	size_t n = 0;
	CURLcode rc = curl_easy_recv(conn->easy, data, len, &n);

	if (rc == CURLE_OK)
		return (ssize_t)n;
	return rc == CURLE_AGAIN ? -EAGAIN : -ECONNRESET;
}

const struct sr_http_stream sr_http_tls = {tls_send, tls_recv, true};
