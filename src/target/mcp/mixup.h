/* For the fault mcp_reply_mixup alone: answers of requests that have the same JSON-RPC id, come from
 * different projects and are in flight together change places. Any thread. */
#ifndef TARGET_MCP_MIXUP_H
#define TARGET_MCP_MIXUP_H

#include "jsonw.h"

#include <jansson.h>

struct sr_mixup;

struct sr_mixup *sr_mixup_new(void);
void sr_mixup_free(struct sr_mixup *mixup);

/* Waits a moment for a partner and swaps the two answers. */
void sr_mixup_swap(struct sr_mixup *mixup, int project, const json_t *id, struct sr_jsonw *answer);

#endif
