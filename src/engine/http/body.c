/* A response that is read as it arrives: the call outlives its op, and reads are ops of their own. The buffer is
 * the call's; what the reader has taken is dropped from it by the next receive. */
#include "internal.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static struct sr_http_call *call_of(struct sr_http_body *body)
{
	return (void *)((char *)body - offsetof(struct sr_http_call, stream));
}

static struct sr_http_body *body_of(struct sr_op *read)
{
	return (void *)((char *)read - offsetof(struct sr_http_body, read));
}

static size_t unread(const struct sr_http_call *call)
{
	return call->body_end - call->head_len;
}

size_t sr_http_body_room(const struct sr_http_call *call)
{
	size_t waiting = unread(call);

	return waiting < SR_HTTP_BODY_BUFFER ? SR_HTTP_BODY_BUFFER - waiting : 0;
}

void sr_http_body_arrived(struct sr_http_call *call, const struct sr_http_conn *conn)
{
	if (!call->has_head || call->head_len > call->client->options.max_head)
		return;
	if (sr_op_running(&call->pub.op)) {
		sr_http_call_complete(call, conn);
		call->pub.response.body = NULL;
		call->pub.response.body_len = 0;
	}
	if (unread(call) > 0)
		sr_op_finish(&call->stream.read, 0);
}

void sr_http_body_ended(struct sr_http_call *call)
{
	call->stream.ended = true;
	sr_op_finish(&call->stream.read, 0);
}

void sr_http_body_failed(struct sr_http_call *call)
{
	struct sr_http_body *body = &call->stream;

	body->failed = true;
	if (sr_op_running(&body->read)) {
		body->read.err = call->pub.op.err;
		sr_op_finish(&body->read, -body->read.err.code);
	}
}

struct sr_http_body *sr_http_body_take(struct sr_http_op *op)
{
	struct sr_http_call *call = (struct sr_http_call *)op;

	call->stream.taken = true;
	return &call->stream;
}

static void cancel_read(struct sr_op *read, int code)
{
	char shown[SR_HTTP_SHOWN], text[sizeof read->err.text];

	memcpy(text, read->err.text, sizeof text);
	sr_fail(&read->err, code, "http.read", "%s: %s while waiting for more of the body",
		sr_http_call_show(call_of(body_of(read)), shown, sizeof shown), text);
	sr_op_finish(read, -code);
}

static void free_read(struct sr_op *read)
{
	struct sr_http_body *body = body_of(read);

	body->reading = false;
	if (body->closed)
		sr_http_call_recycle(call_of(body));
}

static const struct sr_op_class read_class = {.name = "http.read", .cancel = cancel_read, .free = free_read};

struct sr_op *sr_http_body_read(struct sr_http_body *body, int64_t timeout)
{
	struct sr_http_call *call = call_of(body);

	if (body->reading)
		return NULL;
	body->reading = true;
	sr_op_init(&body->read, call->client->loop, &read_class);
	sr_op_begin(&body->read, timeout);
	if (unread(call) > 0 || body->ended)
		sr_op_finish(&body->read, 0);
	else if (body->failed)
		sr_http_body_failed(call);
	else
		sr_http_conn_resume(call->conn);
	return &body->read;
}

bool sr_http_body_next(struct sr_http_body *body, const char **data, size_t *len)
{
	struct sr_http_call *call = call_of(body);

	*data = call->in.data + call->head_len;
	*len = unread(call);
	body->passed_on += *len;
	call->body_end = call->in.len = call->parsed = call->head_len;
	return *len > 0;
}

void sr_http_body_close(struct sr_http_body *body)
{
	struct sr_http_call *call = call_of(body);
	struct sr_http_conn *conn = call->conn;

	if (conn) {
		call->conn = NULL;
		conn->call = NULL;
		sr_http_conn_close(conn);
	}
	body->closed = true;
	if (!body->reading)
		sr_http_call_recycle(call);
	else
		sr_op_cancel(&body->read);
}
