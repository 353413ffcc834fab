/* POST /mcp: Streamable HTTP without sessions. */
#include "app.h"
#include "mcp/asks.h"
#include "mcp/call.h"
#include "mcp/mcp.h"
#include "mcp/media.h"
#include "mcp/methods.h"
#include "mcp/mixup.h"
#include "mcp/revision.h"
#include "mcp/tools.h"
#include "request.h"
#include "slow.h"

#include <stdlib.h>
#include <string.h>

/* What the request's headers say about it. */
struct exchange {
	bool json;   /* the client takes application/json, */
	bool events; /* and text/event-stream */
	enum sr_revision revision;
};

static void refuse(struct sr_request *req, int status, const json_t *id, int code, const char *message)
{
	sr_jsonw_clear(&req->out);
	sr_rpc_error(&req->out, id, code, message, NULL);
	req->status = status;
}

static bool read_headers(struct sr_request *req, struct exchange *exchange)
{
	const char *accept = sr_request_header(req, "Accept");

	exchange->json = sr_media_accepts(accept, "application", "json");
	exchange->events = sr_media_accepts(accept, "text", "event-stream");
	if (!sr_media_is_json(sr_request_header(req, "Content-Type")))
		refuse(req, 415, NULL, SR_RPC_INVALID_REQUEST, "Content-Type: must be application/json");
	else if (!exchange->json && !exchange->events)
		refuse(req, 406, NULL, SR_RPC_INVALID_REQUEST,
		       "Accept: must allow application/json and text/event-stream");
	else if (!sr_revision_find(sr_request_header(req, "MCP-Protocol-Version"), &exchange->revision))
		refuse(req, 400, NULL, SR_RPC_INVALID_REQUEST,
		       "MCP-Protocol-Version: not supported; allowed: " SR_REVISIONS);
	else
		return true;
	return false;
}

/* Runs one request and writes its response to out, which is empty. */
static void answer(struct sr_request *req, const struct sr_rpc *message, struct sr_stream *stream, struct sr_jsonw *out)
{
	struct sr_call call;

	sr_call_init(&call, req, message);
	call.stream = stream;
	sr_methods_run(&call, message->method);
	sr_call_respond(&call, out);
	if (req->app->mcp->mixup && strcmp(message->method, "initialize") != 0)
		sr_mixup_swap(req->app->mcp->mixup, req->project_index, message->id, out);
	sr_call_deinit(&call);
}

/* A client that takes events only gets the one message as an event. */
static void finish(struct sr_request *req, const struct exchange *exchange)
{
	struct sr_buf body = req->out.buf;

	req->status = 200;
	if (exchange->json || req->out.error || !sr_buf_cstr(&body))
		return;
	sr_buf_init(&req->out.buf, SR_REQUEST_REPLY_MAX);
	req->out.error = sr_buf_printf(&req->out.buf, "event: message\ndata: %s\n\n", sr_buf_cstr(&body));
	req->content_type = "text/event-stream";
	sr_buf_deinit(&body);
}

struct streamed {
	struct sr_request *req;
	struct sr_rpc message;
};

static void answer_streamed(struct sr_stream *stream, void *arg)
{
	struct streamed *streamed = arg;
	struct sr_jsonw out;

	sr_jsonw_init(&out, SR_REQUEST_REPLY_MAX);
	answer(streamed->req, &streamed->message, stream, &out);
	sr_slow_request(streamed->req);
	if (!out.error && sr_buf_cstr(&out.buf))
		sr_stream_send(stream, sr_buf_cstr(&out.buf));
	sr_jsonw_deinit(&out);
}

/* False: no thread to be had, nothing has happened yet. */
static bool start_stream(struct sr_request *req, const struct sr_rpc *message)
{
	struct streamed *streamed = calloc(1, sizeof(*streamed));

	if (!streamed)
		return false;
	streamed->req = req;
	streamed->message = *message;
	req->stream = sr_stream_new(answer_streamed, free, streamed);
	if (!req->stream) {
		free(streamed);
		return false;
	}
	req->content_type = "text/event-stream";
	req->status = 200;
	return true;
}

static void take_message(struct sr_request *req, const struct exchange *exchange)
{
	struct sr_rpc message;

	sr_rpc_read(req->json, &message);
	switch (message.kind) {
	case SR_RPC_INVALID:
		refuse(req, 400, message.id, SR_RPC_INVALID_REQUEST, message.problem);
		break;
	case SR_RPC_RESPONSE:
		if (req->app->mcp->asks)
			sr_asks_answer(req->app->mcp->asks, req->json);
		req->status = 202;
		break;
	case SR_RPC_NOTIFICATION:
		req->status = 202;
		break;
	case SR_RPC_REQUEST:
		if (exchange->events && sr_methods_streams(req->app, &message) && start_stream(req, &message))
			break;
		answer(req, &message, NULL, &req->out);
		finish(req, exchange);
		break;
	}
}

static void answer_in_batch(struct sr_request *req, const json_t *item)
{
	struct sr_rpc message;
	struct sr_call call;

	sr_rpc_read(item, &message);
	if (message.kind == SR_RPC_INVALID) {
		sr_rpc_error(&req->out, message.id, SR_RPC_INVALID_REQUEST, message.problem, NULL);
	} else if (message.kind == SR_RPC_REQUEST && strcmp(message.method, "initialize") == 0) {
		sr_rpc_error(&req->out, message.id, SR_RPC_INVALID_REQUEST, "initialize cannot be part of a batch",
			     NULL);
	} else if (message.kind == SR_RPC_REQUEST) {
		sr_call_init(&call, req, &message);
		sr_methods_run(&call, message.method);
		sr_call_respond(&call, &req->out);
		sr_call_deinit(&call);
	}
}

/* Batches belong to revision 2025-03-26 alone. */
static void take_batch(struct sr_request *req, const struct exchange *exchange)
{
	size_t count = json_array_size(req->json);

	if (exchange->revision != SR_REVISION_2025_03_26 || count == 0 || count > SR_RPC_BATCH_MAX) {
		refuse(req, 400, NULL, SR_RPC_INVALID_REQUEST,
		       "A batch needs revision 2025-03-26 and 1 to 100 messages");
		return;
	}
	sr_jsonw_begin(&req->out, '[');
	for (size_t i = 0; i < count; i++)
		answer_in_batch(req, json_array_get(req->json, i));
	if (!req->out.comma) {
		sr_jsonw_clear(&req->out);
		req->status = 202;
		return;
	}
	sr_jsonw_end(&req->out, ']');
	finish(req, exchange);
}

void sr_mcp_post(struct sr_request *req)
{
	struct exchange exchange;
	char problem[300];

	if (!read_headers(req, &exchange))
		return;
	req->json = sr_rpc_parse(req->body.data, req->body.len, problem, sizeof(problem));
	if (!req->json)
		refuse(req, 400, NULL, SR_RPC_PARSE_ERROR, problem);
	else if (json_is_array(req->json))
		take_batch(req, &exchange);
	else
		take_message(req, &exchange);
}
