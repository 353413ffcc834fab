/* What the MCP side counts about itself, for /metrics. Counting is lock-free; any thread. */
#ifndef TARGET_MCP_METERS_H
#define TARGET_MCP_METERS_H

#include "mcp/uri.h"
#include "prom.h"

#include <stdint.h>

enum sr_load {
	SR_LOAD_HIT,    /* from Redis, also after waiting for another request's load */
	SR_LOAD_MISS,   /* from disk, then put into Redis */
	SR_LOAD_BYPASS, /* from disk because Redis was not to be had; a miss, too */
	SR_LOADS
};

enum sr_invocation { SR_INVOCATION_SUCCESS, SR_INVOCATION_ERROR, SR_INVOCATION_INVALID, SR_INVOCATIONS };

struct sr_meters;
struct sr_tools;

struct sr_meters *sr_meters_new(int tools);
void sr_meters_free(struct sr_meters *meters);

/* One resource or prompt, a document of that kind and name, was loaded. duration in ns. */
void sr_meters_loaded(struct sr_meters *meters, enum sr_kind kind, const char *name, enum sr_load load,
		      int64_t duration);

/* One tool has answered; tool is its index. */
void sr_meters_invoked(struct sr_meters *meters, int tool, enum sr_invocation outcome, int64_t duration);

/* tools gives the names. */
void sr_meters_render(struct sr_meters *meters, struct sr_prom *prom, const struct sr_tools *tools);

#endif
