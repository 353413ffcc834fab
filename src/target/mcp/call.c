#include "mcp/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SR_CALL_DATA_MAX 8192

void sr_call_init(struct sr_call *call, struct sr_request *req, const struct sr_rpc *message)
{
	memset(call, 0, sizeof(*call));
	call->req = req;
	call->id = message->id;
	call->params = message->params;
	sr_jsonw_init(&call->result, SR_CALL_RESULT_MAX);
	sr_jsonw_init(&call->data, SR_CALL_DATA_MAX);
}

void sr_call_deinit(struct sr_call *call)
{
	sr_jsonw_deinit(&call->result);
	sr_jsonw_deinit(&call->data);
}

void sr_call_fail(struct sr_call *call, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(call->message, sizeof(call->message), fmt, ap);
	va_end(ap);
	call->code = code;
}

void sr_call_respond(struct sr_call *call, struct sr_jsonw *out)
{
	const char *result = sr_buf_cstr(&call->result.buf);

	if (!call->code && (call->result.error || !result || !*result))
		sr_call_fail(call, SR_RPC_INTERNAL_ERROR, "The answer is too large");
	if (call->code)
		sr_rpc_error(out, call->id, call->code, call->message,
			     call->data.buf.len > 0 && !call->data.error ? sr_buf_cstr(&call->data.buf) : NULL);
	else
		sr_rpc_result(out, call->id, result);
}

void sr_call_progress(struct sr_call *call, int done, int total, const char *message)
{
	struct sr_jsonw out;

	if (!call->stream || !call->progress_token)
		return;
	sr_jsonw_init(&out, SR_CALL_DATA_MAX);
	sr_jsonw_begin(&out, '{');
	sr_jsonw_key(&out, "jsonrpc");
	sr_jsonw_string(&out, "2.0");
	sr_jsonw_key(&out, "method");
	sr_jsonw_string(&out, "notifications/progress");
	sr_jsonw_key(&out, "params");
	sr_jsonw_begin(&out, '{');
	sr_jsonw_key(&out, "progressToken");
	sr_rpc_write(&out, call->progress_token);
	sr_jsonw_key(&out, "progress");
	sr_jsonw_int(&out, done);
	sr_jsonw_key(&out, "total");
	sr_jsonw_int(&out, total);
	sr_jsonw_key(&out, "message");
	sr_jsonw_string(&out, message);
	sr_jsonw_end(&out, '}');
	sr_jsonw_end(&out, '}');
	if (!out.error && sr_buf_cstr(&out.buf))
		sr_stream_send(call->stream, sr_buf_cstr(&out.buf));
	sr_jsonw_deinit(&out);
}

bool sr_call_string(struct sr_call *call, const char *name, bool required, size_t max, const char **value)
{
	const json_t *member = json_object_get(call->params, name);

	*value = NULL;
	if (!member && !required)
		return true;
	if (!json_is_string(member) || json_string_length(member) > max) {
		sr_call_fail(call, SR_RPC_INVALID_PARAMS, "params.%s: %s; allowed: a string of up to %zu bytes", name,
			     !member                  ? "required"
			     : json_is_string(member) ? "too long"
						      : "wrong type",
			     max);
		return false;
	}
	*value = json_string_value(member);
	return true;
}
