/* The answers of the …/list methods: a page of sorted names, each written by the caller. */
#ifndef TARGET_MCP_LISTING_H
#define TARGET_MCP_LISTING_H

#include "mcp/call.h"
#include "mcp/names.h"

/* Writes one element of the list. */
typedef void sr_listing_write(struct sr_call *call, const char *name);

/* Writes {"<list>":[…],"nextCursor":…} for the call's cursor, or fails it. names must be sorted. */
void sr_listing_answer(struct sr_call *call, const char *list, const struct sr_names *names, sr_listing_write *write);

#endif
