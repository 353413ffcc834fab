/* libcurl knows how to get connected (addresses in parallel, unix sockets, TLS, client certificates) and stops
 * there. Each dial has a multi handle of its own: one that is shared walks all its connections for each. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static void failed(struct sr_http_conn *conn, CURLcode rc)
{
	struct sr_http_call *call = conn->call;

	conn->call = NULL;
	call->conn = NULL;
	sr_http_easy_fail(call, conn->easy, rc, conn->problem);
	sr_http_conn_close(conn);
}

static int64_t info_time(CURL *easy, CURLINFO info)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, info, &us);
	return us * SR_US;
}

static void take_times(struct sr_http_conn *conn)
{
	int64_t connected = info_time(conn->easy, CURLINFO_CONNECT_TIME_T);

	conn->dns = info_time(conn->easy, CURLINFO_NAMELOOKUP_TIME_T);
	conn->connect = connected - conn->dns;
	conn->tls = conn->origin->tls ? info_time(conn->easy, CURLINFO_APPCONNECT_TIME_T) - connected : 0;
}

/* Plain sockets need libcurl no longer: our own descriptor stays, its 20 KB go. */
static int take_socket(struct sr_http_conn *conn)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	sr_http_drive_stop(&conn->drive);
	curl_easy_setopt(conn->easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_getinfo(conn->easy, CURLINFO_ACTIVESOCKET, &fd);
	if (fd == CURL_SOCKET_BAD)
		return -ENOTCONN;
	if (conn->origin->tls) {
		conn->stream = &sr_http_tls;
		conn->fd = fd;
		return 0;
	}
	conn->stream = &sr_http_plain;
	conn->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (conn->fd < 0)
		return -errno;
	curl_multi_remove_handle(conn->drive.multi, conn->easy);
	curl_easy_cleanup(conn->easy);
	conn->easy = NULL;
	sr_http_drive_deinit(&conn->drive);
	return 0;
}

static void progressed(struct sr_http_drive *drive)
{
	struct sr_http_conn *conn = (void *)((char *)drive - offsetof(struct sr_http_conn, drive));
	CURLMsg *message;
	int left, rc;

	do {
		message = curl_multi_info_read(drive->multi, &left);
		if (!message)
			return;
	} while (message->msg != CURLMSG_DONE);
	if (message->data.result != CURLE_OK) {
		failed(conn, message->data.result);
		return;
	}
	take_times(conn);
	rc = take_socket(conn);
	if (rc < 0) {
		snprintf(conn->problem, sizeof conn->problem, "no descriptor for the connection: %s", strerror(-rc));
		failed(conn, CURLE_FAILED_INIT);
		return;
	}
	sr_http_conn_opened(conn);
}

static struct sr_http_conn *conn_new(struct sr_http_origin *origin)
{
	struct sr_http_conn *conn = calloc(1, sizeof *conn);

	if (!conn)
		return NULL;
	conn->origin = origin;
	conn->fd = -1;
	conn->easy = curl_easy_init();
	if (!conn->easy || sr_http_drive_init(&conn->drive, origin->client, progressed) < 0) {
		curl_easy_cleanup(conn->easy);
		free(conn);
		return NULL;
	}
	return conn;
}

void sr_http_dial(struct sr_http_origin *origin, struct sr_http_call *call)
{
	struct sr_http_conn *conn = conn_new(origin);

	if (!conn) {
		sr_op_fail(&call->pub.op, SR_ENOMEM, "out of memory for one more connection to %s", origin->url);
		return;
	}
	sr_http_origin_ref(origin);
	origin->open++;
	origin->client->stats.open++;
	origin->client->stats.dialled++;
	conn->call = call;
	call->conn = conn;
	call->dialled = sr_now();
	sr_http_easy_setup(conn->easy, origin, conn->problem);
	curl_easy_setopt(conn->easy, CURLOPT_URL, origin->url);
	curl_easy_setopt(conn->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(conn->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(conn->easy, CURLOPT_FRESH_CONNECT, 1L);
	/* Begins when the loop fires the timer that libcurl asks for in here: never fails at once, so that
	 * a queue of calls is not served by recursion. */
	curl_multi_add_handle(conn->drive.multi, conn->easy);
}
