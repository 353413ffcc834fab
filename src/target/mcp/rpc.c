#include "mcp/rpc.h"

#include "scalerun/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *sr_rpc_parse(const char *body, size_t len, char *problem, size_t size)
{
	json_error_t error;
	json_t *json = json_loadb(body ? body : "", len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);

	if (!json)
		snprintf(problem, size, "Parse error: %s (line %d, column %d)", error.text, error.line, error.column);
	return json;
}

static void invalid(struct sr_rpc *rpc, const char *problem)
{
	rpc->kind = SR_RPC_INVALID;
	rpc->problem = problem;
}

static void read_call(const json_t *message, struct sr_rpc *rpc, const json_t *id)
{
	const json_t *method = json_object_get(message, "method");

	rpc->kind = id ? SR_RPC_REQUEST : SR_RPC_NOTIFICATION;
	rpc->params = json_object_get(message, "params");
	if (id && !rpc->id)
		invalid(rpc, "id must be a string or an integer");
	else if (!json_is_string(method))
		invalid(rpc, "method must be a string");
	else if (rpc->params && !json_is_object(rpc->params))
		invalid(rpc, "params must be an object");
	else
		rpc->method = json_string_value(method);
}

void sr_rpc_read(const json_t *message, struct sr_rpc *rpc)
{
	const json_t *id = json_object_get(message, "id");
	const char *version = json_string_value(json_object_get(message, "jsonrpc"));
	bool result = json_object_get(message, "result") != NULL;
	bool error = json_object_get(message, "error") != NULL;

	memset(rpc, 0, sizeof(*rpc));
	if (!json_is_object(message)) {
		invalid(rpc, "a message must be an object");
		return;
	}
	if (json_is_string(id) || json_is_integer(id))
		rpc->id = id;
	if (!version || strcmp(version, "2.0") != 0)
		invalid(rpc, "jsonrpc must be \"2.0\"");
	else if (json_object_get(message, "method"))
		read_call(message, rpc, id);
	else if (result == error)
		invalid(rpc, result ? "a response has either result or error" : "method is missing");
	else if (result && !rpc->id)
		invalid(rpc, "a result needs an id");
	else
		rpc->kind = SR_RPC_RESPONSE;
}

void sr_rpc_write(struct sr_jsonw *out, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	if (text)
		sr_jsonw_raw(out, text);
	else if (!out->error)
		out->error = -SR_ENOMEM;
	free(text);
}

static void begin(struct sr_jsonw *out, const json_t *id)
{
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "jsonrpc");
	sr_jsonw_string(out, "2.0");
	sr_jsonw_key(out, "id");
	if (id)
		sr_rpc_write(out, id);
	else
		sr_jsonw_string(out, NULL);
}

void sr_rpc_result(struct sr_jsonw *out, const json_t *id, const char *result)
{
	begin(out, id);
	sr_jsonw_key(out, "result");
	sr_jsonw_raw(out, result);
	sr_jsonw_end(out, '}');
}

void sr_rpc_error(struct sr_jsonw *out, const json_t *id, int code, const char *message, const char *data)
{
	begin(out, id);
	sr_jsonw_key(out, "error");
	sr_jsonw_begin(out, '{');
	sr_jsonw_key(out, "code");
	sr_jsonw_int(out, code);
	sr_jsonw_key(out, "message");
	sr_jsonw_string(out, message);
	if (data) {
		sr_jsonw_key(out, "data");
		sr_jsonw_raw(out, data);
	}
	sr_jsonw_end(out, '}');
	sr_jsonw_end(out, '}');
}
