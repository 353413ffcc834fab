/* An open connection: sends its call's request, reads the response, goes back to its origin. The socket is
 * registered with the loop once, for reading; writing is asked for only while the kernel takes no more. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A connection that was idle for longer is looked at before use: the loop may not have polled since. */
#define TRUSTED (1 * SR_MS)

static void on_poll(uv_poll_t *poll, int status, int events);

static void watch(struct sr_http_conn *conn, bool writing)
{
	int events = (conn->paused ? 0 : UV_READABLE) | (writing ? UV_WRITABLE : 0);

	conn->watches_writing = writing;
	if (events)
		uv_poll_start(&conn->poll, events, on_poll);
	else
		uv_poll_stop(&conn->poll);
}

static void pause_reading(struct sr_http_conn *conn)
{
	conn->paused = true;
	watch(conn, conn->watches_writing);
}

/* The connection is of no more use; its call ends with op->err. */
static void fail_filled(struct sr_http_conn *conn)
{
	struct sr_http_call *call = conn->call;
	struct sr_op *op = &call->pub.op;

	conn->call = NULL;
	call->conn = NULL;
	sr_http_conn_close(conn);
	sr_op_finish(op, -op->err.code);
	if (call->streams)
		sr_http_body_failed(call);
}

static void complete(struct sr_http_conn *conn)
{
	struct sr_http_call *call = conn->call;
	bool keep = call->keep_alive && !call->wants_close && !call->broken && call->sent == call->out.len;

	if (call->streams)
		sr_http_body_ended(call);
	else
		sr_http_call_complete(call, conn);
	conn->call = NULL;
	call->conn = NULL;
	conn->served = true;
	if (!keep) {
		sr_http_conn_close(conn);
		return;
	}
	if (conn->watches_writing)
		watch(conn, false);
	sr_http_pool_release(conn, call->streams ? sr_now() : call->pub.op.ended);
}

static void no_answer(struct sr_http_conn *conn, ssize_t n)
{
	struct sr_http_call *call = conn->call;
	struct sr_error *err = &call->pub.op.err;
	char shown[SR_HTTP_SHOWN];

	sr_http_call_show(call, shown, sizeof shown);
	if (n < 0 && call->in.len + call->interim > 0)
		sr_fail_errno(err, SR_ECLOSED, (int)-n, "http.request", "%s: the connection broke within the response",
			      shown);
	else if (conn->served)
		sr_fail(err, SR_ECLOSED, "http.request",
			"%s: the server closed the kept-alive connection without an answer; "
			"the request was not sent again, and the server may have acted on it",
			shown);
	else
		sr_fail(err, SR_ECLOSED, "http.request", "%s: the server closed the connection without an answer",
			shown);
	fail_filled(conn);
}

/* The parser does not know of what it speaks. */
static void fail_parsed(struct sr_http_conn *conn)
{
	struct sr_error *err = &conn->call->pub.op.err;
	char shown[SR_HTTP_SHOWN], text[sizeof err->text], detail[sizeof err->detail];

	memcpy(text, err->text, sizeof text);
	memcpy(detail, err->detail, sizeof detail);
	sr_fail(err, err->code, "http.request", "%s: %s", sr_http_call_show(conn->call, shown, sizeof shown), text);
	sr_error_detail(err, detail);
	fail_filled(conn);
}

static void act(struct sr_http_conn *conn, enum sr_http_parse result)
{
	if (result == SR_HTTP_DONE)
		complete(conn);
	else if (result == SR_HTTP_FAILED)
		fail_parsed(conn);
}

/* Reads once, or until nothing is left: `all`, or where poll does not see everything. */
static void receive(struct sr_http_conn *conn, bool all)
{
	struct sr_http_call *call = conn->call;
	enum sr_http_parse result = SR_HTTP_MORE;
	ssize_t room, n;

	do {
		room = sr_http_parse_room(call);
		if (room < 0) {
			sr_fail(&call->pub.op.err, SR_ENOMEM, "http.request", "out of memory for the response");
			fail_filled(conn);
			return;
		}
		if (room == 0) {
			pause_reading(conn);
			return;
		}
		n = conn->stream->recv(conn, call->in.data + call->in.len, (size_t)room);
		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			if (n < 0 || call->in.len == 0)
				no_answer(conn, n);
			else
				act(conn, sr_http_parse_end(call));
			return;
		}
		if (call->first_byte == 0)
			call->first_byte = sr_now();
		call->in.len += (size_t)n;
		result = sr_http_parse(call);
		if (call->streams)
			sr_http_body_arrived(call, conn);
	} while (result == SR_HTTP_MORE && (all || conn->stream->hides));
	act(conn, result);
}

static void transmit(struct sr_http_conn *conn)
{
	struct sr_http_call *call = conn->call;
	char shown[SR_HTTP_SHOWN];
	ssize_t n;

	while (call->sent < call->out.len) {
		n = conn->stream->send(conn, call->out.data + call->sent, call->out.len - call->sent);
		if (n == -EAGAIN) {
			if (!conn->watches_writing)
				watch(conn, true);
			return;
		}
		if (n == -EPIPE || n == -ECONNRESET) {
			/* The server may have answered before it closed: what it said is read first. */
			call->broken = true;
			break;
		}
		if (n < 0) {
			sr_fail_errno(&call->pub.op.err, SR_EIO, (int)-n, "http.request", "%s: cannot send",
				      sr_http_call_show(call, shown, sizeof shown));
			fail_filled(conn);
			return;
		}
		call->sent += (size_t)n;
	}
	if (conn->watches_writing)
		watch(conn, false);
}

/* Readable while nothing is expected: closed by the server, bytes that nobody asked for, or, with TLS,
 * messages of TLS itself (session tickets), which leave nothing to read. */
static bool silent(struct sr_http_conn *conn)
{
	char byte;

	return conn->stream->recv(conn, &byte, 1) == -EAGAIN;
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
	struct sr_http_conn *conn = poll->data;

	if (conn->state == SR_HTTP_IDLE) {
		if (status < 0 || !silent(conn)) {
			conn->origin->client->stats.discarded++;
			sr_http_pool_unidle(conn);
			sr_http_conn_close(conn);
		}
		return;
	}
	if (status < 0) {
		/* An error on the socket, and libuv watches it no longer: all that arrived before is read now. */
		conn->call->broken = true;
		receive(conn, true);
		if (conn->state == SR_HTTP_ACTIVE && !conn->paused)
			no_answer(conn, -ECONNRESET);
		return;
	}
	if (events & UV_WRITABLE && !conn->call->broken)
		transmit(conn);
	if (events & UV_READABLE && conn->state == SR_HTTP_ACTIVE)
		receive(conn, false);
}

/* Reads at once: a TLS connection may hold bytes that poll does not see. */
void sr_http_conn_resume(struct sr_http_conn *conn)
{
	if (!conn->paused)
		return;
	conn->paused = false;
	watch(conn, conn->watches_writing);
	receive(conn, false);
}

bool sr_http_conn_usable(struct sr_http_conn *conn, int64_t now)
{
	int64_t idle = now - conn->idle_since;

	if (idle >= conn->origin->client->options.idle_timeout)
		return false;
	if (idle > TRUSTED && !silent(conn)) {
		conn->origin->client->stats.discarded++;
		return false;
	}
	return true;
}

void sr_http_conn_use(struct sr_http_conn *conn, struct sr_http_call *call, int64_t now)
{
	conn->state = SR_HTTP_ACTIVE;
	conn->call = call;
	call->conn = conn;
	call->sent = 0;
	sr_http_parse_begin(call);
	if (conn->served)
		conn->origin->client->stats.reused++;
	call->sending = now;
	transmit(conn);
}

void sr_http_conn_opened(struct sr_http_conn *conn)
{
	struct sr_http_call *call = conn->call;
	int rc = uv_poll_init(sr_loop_uv(conn->origin->client->loop), &conn->poll, conn->fd);

	if (rc < 0) {
		sr_fail(&call->pub.op.err, SR_EIO, "http.request", "cannot watch the connection: %s", uv_strerror(rc));
		fail_filled(conn);
		return;
	}
	conn->polled = true;
	conn->poll.data = conn;
	conn->origin->client->handles++;
	watch(conn, false);
	sr_http_conn_use(conn, call, sr_now());
}

static void closed(uv_handle_t *handle)
{
	struct sr_http_conn *conn = handle->data;

	conn->origin->client->handles--;
	sr_http_origin_unref(conn->origin);
	free(conn);
}

void sr_http_conn_close(struct sr_http_conn *conn)
{
	conn->state = SR_HTTP_CLOSED;
	if (conn->polled)
		uv_close((uv_handle_t *)&conn->poll, closed);
	if (conn->easy) {
		sr_http_drive_stop(&conn->drive);
		curl_multi_remove_handle(conn->drive.multi, conn->easy);
		curl_easy_cleanup(conn->easy);
		sr_http_drive_deinit(&conn->drive);
	} else if (conn->fd >= 0) {
		close(conn->fd);
	}
	sr_http_pool_forget(conn);
	if (!conn->polled) {
		sr_http_origin_unref(conn->origin);
		free(conn);
	}
}
