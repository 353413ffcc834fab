/* Fault path_traversal: what a server does that puts an unchecked id into a path. */
#ifndef TARGET_MCP_TRAVERSAL_H
#define TARGET_MCP_TRAVERSAL_H

#include "mcp/store.h"

/* Appends the artifact that a URI of the form …/artifacts/../{project}/{id} leads to, percent escapes read as
 * what they stand for. Nothing outside the artifacts' folder is reached. -SR_ESTATE: no such URI or artifact. */
int sr_traversal_read(struct sr_store *store, const char *uri, struct sr_buf *buf, struct sr_error *err);

#endif
