/* Documents through Redis: cache-aside under resource:{kind}:{name} with a time to live, and single
 * flight: of all requests on all replicas that miss at once, one reads the disk and the others wait for
 * it. Without Redis every load reads the disk. Any thread. */
#ifndef TARGET_MCP_CACHE_H
#define TARGET_MCP_CACHE_H

#include "mcp/uri.h"

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"

#include <stdbool.h>

struct sr_app;

/* Fills the empty buf. *hit: it came from Redis. 0; -SR_ESTATE: no such document; else what
 * sr_content_read returned. */
int sr_cache_load(struct sr_app *app, enum sr_kind kind, const char *name, struct sr_buf *buf, bool *hit,
		  struct sr_error *err);

#endif
