/* One request and its response, from the pool and back. */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_DEFAULT (30 * SR_S)
#define BODY_DEFAULT    ((size_t)64 << 20)
#define FREE_CALLS_MAX  4096

const char *sr_http_call_show(const struct sr_http_call *call, char *out, size_t size)
{
	size_t len = call->target_len, used;

	used = (size_t)snprintf(out, size, "%s %s", call->method, call->origin->url);
	if (used >= size)
		return out;
	if (used + len + 4 > size)
		len = size - used - 4;
	memcpy(out + used, call->out.data + call->target, len);
	strcpy(out + used + len, len < call->target_len ? "…" : "");
	return out;
}

void sr_http_call_complete(struct sr_http_call *call, const struct sr_http_conn *conn)
{
	struct sr_http_response *response = &call->pub.response;
	struct sr_http_timings *timings = &response->timings;
	struct sr_op *op = &call->pub.op;

	response->status = call->parser.status_code;
	response->version = call->parser.http_major * 10 + call->parser.http_minor;
	response->reused = conn->served;
	response->redirects = 0;
	response->final_url = NULL;
	response->head = call->in.data;
	response->head_len = call->head_len;
	response->body = call->in.data + call->head_len;
	response->body_len = call->body_end - call->head_len;
	sr_op_finish(op, 0);
	timings->wait = (call->dialled ? call->dialled : call->sending) - op->started;
	timings->dns = call->dialled ? conn->dns : 0;
	timings->connect = call->dialled ? conn->connect : 0;
	timings->tls = call->dialled ? conn->tls : 0;
	timings->first_byte = call->first_byte - call->sending;
	timings->total = op->ended - op->started;
}

static void direct_start(struct sr_http_call *call, const struct sr_http_request *request)
{
	(void)request;
	sr_http_pool_acquire(call);
}

static void direct_cancel(struct sr_http_call *call, int code)
{
	struct sr_http_conn *conn = call->conn;
	struct sr_error *err = &call->pub.op.err;
	char shown[SR_HTTP_SHOWN], text[sizeof err->text], during[80];

	if (call->queued)
		snprintf(during, sizeof during, "while waiting for one of the %u connections to the server",
			 call->client->options.max_connections);
	else if (conn && conn->state == SR_HTTP_DIALLING)
		strcpy(during, "while connecting");
	else if (call->sent < call->out.len)
		strcpy(during, "while sending the request");
	else if (call->first_byte == 0)
		strcpy(during, "while waiting for the response");
	else
		strcpy(during, "while reading the response");
	memcpy(text, err->text, sizeof text);
	sr_fail(err, code, "http.request", "%s: %s %s", sr_http_call_show(call, shown, sizeof shown), text, during);

	if (call->queued)
		sr_http_pool_leave(call);
	call->conn = NULL;
	sr_op_finish(&call->pub.op, -code);
	if (conn) {
		conn->call = NULL;
		sr_http_conn_close(conn);
	}
}

const struct sr_http_transport sr_http_direct = {direct_start, direct_cancel};

static struct sr_http_call *call_of(struct sr_op *op)
{
	return (struct sr_http_call *)op;
}

static void cancel(struct sr_op *op, int code)
{
	call_of(op)->transport->cancel(call_of(op), code);
}

static void destroy(struct sr_http_call *call)
{
	sr_buf_deinit(&call->in);
	sr_buf_deinit(&call->out);
	curl_easy_cleanup(call->easy);
	free(call);
}

static void trim(struct sr_buf *buf)
{
	if (buf->cap > SR_HTTP_KEPT_BUFFER)
		sr_buf_deinit(buf);
	buf->max = SIZE_MAX;
	sr_buf_clear(buf);
}

void sr_http_call_recycle(struct sr_http_call *call)
{
	struct sr_http_client *client = call->client;

	if (call->origin)
		sr_http_origin_unref(call->origin);
	call->origin = NULL;
	client->stats.calls--;
	if (client->free_count == FREE_CALLS_MAX) {
		destroy(call);
		return;
	}
	trim(&call->in);
	trim(&call->out);
	call->next = client->free_calls;
	client->free_calls = call;
	client->free_count++;
}

static void free_op(struct sr_op *op)
{
	struct sr_http_call *call = call_of(op);

	if (!call->streams)
		sr_http_call_recycle(call);
	else if (!call->stream.taken)
		sr_http_body_close(&call->stream);
}

static const struct sr_op_class op_class = {.name = "http.request", .cancel = cancel, .free = free_op};

struct sr_http_op *sr_http_op_new(struct sr_http_client *client)
{
	struct sr_http_call *call = client->free_calls;

	if (call) {
		client->free_calls = call->next;
		client->free_count--;
	} else {
		call = calloc(1, sizeof *call);
		if (!call)
			return NULL;
		call->client = client;
		sr_buf_init(&call->in, SIZE_MAX);
		sr_buf_init(&call->out, SIZE_MAX);
	}
	sr_op_init(&call->pub.op, client->loop, &op_class);
	call->streams = false;
	client->stats.calls++;
	return &call->pub;
}

void sr_http_calls_free(struct sr_http_client *client)
{
	struct sr_http_call *call;

	while ((call = client->free_calls)) {
		client->free_calls = call->next;
		destroy(call);
	}
	client->free_count = 0;
}

static int prepare(struct sr_http_call *call, const struct sr_http_request *request)
{
	struct sr_error *err = &call->pub.op.err;
	const struct sr_http_site *site;
	const char *target;
	size_t target_len;
	int rc = sr_http_site_find(call->client, request, &site, err);

	if (rc < 0)
		return rc;
	target = request->url + site->prefix_len;
	target_len = request->url_len - site->prefix_len;
	rc = sr_http_target_check(target, &target_len, err);
	if (rc == 0)
		rc = sr_http_request_check(request, err);
	if (rc < 0)
		return rc;
	strcpy(call->method, request->method ? request->method : "GET");
	call->is_head = strcmp(call->method, "HEAD") == 0;
	call->max_body = request->max_body ? request->max_body : BODY_DEFAULT;
	call->origin = site->origin;
	sr_http_origin_ref(call->origin);
	return sr_http_request_write(call, request, site, target, target_len, err);
}

void sr_http_start(struct sr_http_op *op, const struct sr_http_request *request)
{
	struct sr_http_call *call = call_of(&op->op);
	bool direct = !request->compressed && !request->max_redirects && !request->proxy && request->version < 20;
	int rc;

	call->transport = direct ? &sr_http_direct : &sr_http_through_multi;
	call->streams = request->stream;
	if (request->stream)
		call->stream = (struct sr_http_body){0};
	call->conn = NULL;
	call->queued = call->wants_close = call->broken = false;
	call->sent = 0;
	call->dialled = call->sending = call->first_byte = 0;
	sr_op_begin(&op->op, request->timeout ? request->timeout : TIMEOUT_DEFAULT);
	if (request->stream && !direct)
		rc = sr_fail(&op->op.err, SR_ENOTSUP, "http.request",
			     "a response cannot be streamed with compression, redirects, a proxy or HTTP/2");
	else
		rc = prepare(call, request);
	if (rc < 0)
		sr_op_finish(&op->op, rc);
	else
		call->transport->start(call, request);
}
