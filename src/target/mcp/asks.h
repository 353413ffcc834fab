/* Requests of the server to a client, for the conformance fixtures: sent on the stream of the client's own
 * request, answered by a POST that this process has to receive. Any thread. */
#ifndef TARGET_MCP_ASKS_H
#define TARGET_MCP_ASKS_H

#include "mcp/stream.h"

#include <jansson.h>

struct sr_asks;

struct sr_asks *sr_asks_new(void);
void sr_asks_free(struct sr_asks *asks);

/* Sends a request with params, a JSON object, and waits for its response: the caller's to decref, or NULL
 * when none came in time or the client went away. */
json_t *sr_asks_request(struct sr_asks *asks, struct sr_stream *stream, const char *method, const char *params);

/* A response has arrived; one that nobody waits for is dropped. */
void sr_asks_answer(struct sr_asks *asks, json_t *response);

#endif
