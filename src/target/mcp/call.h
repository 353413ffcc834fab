/* One JSON-RPC request on its way through a method. One thread at a time. */
#ifndef TARGET_MCP_CALL_H
#define TARGET_MCP_CALL_H

#include "jsonw.h"
#include "mcp/rpc.h"
#include "mcp/stream.h"

#include <stdbool.h>

struct sr_request;

#define SR_CALL_RESULT_MAX (16 * 1024 * 1024)
#define SR_CALL_STEPS      4 /* of the progress of a tool */

struct sr_call {
	struct sr_request *req;       /* whose key opened the project */
	const json_t *id;             /* the request's own id */
	const json_t *params;         /* an object or NULL */
	struct sr_stream *stream;     /* where notifications go; NULL: nowhere */
	const json_t *progress_token; /* NULL: the client wants no progress */
	struct sr_jsonw result;       /* what the method writes, one JSON value */
	bool failed;                  /* a tool's result with isError */
	int code;                     /* not 0: the answer is this error */
	char message[400];
	struct sr_jsonw data; /* of the error; empty: none */
};

/* A method writes call->result or calls sr_call_fail. */
typedef void sr_call_method(struct sr_call *call);

/* message: a request with an id. The JSON must outlive the call. */
void sr_call_init(struct sr_call *call, struct sr_request *req, const struct sr_rpc *message);
void sr_call_deinit(struct sr_call *call);

/* The request fails with a JSON-RPC error; what was written to result does not matter. */
void sr_call_fail(struct sr_call *call, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Appends the response, result or error. */
void sr_call_respond(struct sr_call *call, struct sr_jsonw *out);

/* Sends notifications/progress where the client asked for it; done has to grow. */
void sr_call_progress(struct sr_call *call, int done, int total, const char *message);

/* A parameter that is a string of at most max bytes; *value is NULL when it is absent and not required.
 * False after sr_call_fail. */
bool sr_call_string(struct sr_call *call, const char *name, bool required, size_t max, const char **value);

#endif
