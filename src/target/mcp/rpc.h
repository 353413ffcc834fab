/* JSON-RPC 2.0 framing, as MCP narrows it: ids are strings or integers, params an object. No I/O, any
 * thread. */
#ifndef TARGET_MCP_RPC_H
#define TARGET_MCP_RPC_H

#include "jsonw.h"

#include <jansson.h>

#define SR_RPC_PARSE_ERROR      -32700
#define SR_RPC_INVALID_REQUEST  -32600
#define SR_RPC_UNKNOWN_METHOD   -32601
#define SR_RPC_INVALID_PARAMS   -32602
#define SR_RPC_INTERNAL_ERROR   -32603
#define SR_RPC_UNKNOWN_RESOURCE -32002

#define SR_RPC_BATCH_MAX 100

enum sr_rpc_kind { SR_RPC_REQUEST, SR_RPC_NOTIFICATION, SR_RPC_RESPONSE, SR_RPC_INVALID };

/* One message; everything points into the JSON it was read from. */
struct sr_rpc {
	enum sr_rpc_kind kind;
	const json_t *id;     /* NULL: none, or none that can be answered */
	const char *method;   /* of requests and notifications */
	const json_t *params; /* NULL: none */
	const char *problem;  /* of SR_RPC_INVALID: what is wrong */
};

/* Parses a body; NULL with a text in problem. What it refuses besides broken JSON: duplicate members,
 * \u0000, bytes that are not UTF-8. */
json_t *sr_rpc_parse(const char *body, size_t len, char *problem, size_t size);

void sr_rpc_read(const json_t *message, struct sr_rpc *rpc);

/* Any JSON value. */
void sr_rpc_write(struct sr_jsonw *out, const json_t *value);

/* One whole response; id NULL writes null. result is one JSON value, data too, or NULL for none. */
void sr_rpc_result(struct sr_jsonw *out, const json_t *id, const char *result);
void sr_rpc_error(struct sr_jsonw *out, const json_t *id, int code, const char *message, const char *data);

#endif
