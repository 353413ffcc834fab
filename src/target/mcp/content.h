/* The content folder: sdlc/core.md, patterns/, templates/ and generators/ with one Markdown file per
 * name. Read from disk at every call; caching is cache.h's business. Any thread. */
#ifndef TARGET_MCP_CONTENT_H
#define TARGET_MCP_CONTENT_H

#include "mcp/names.h"
#include "mcp/uri.h"

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"

#define SR_CONTENT_MAX (1024 * 1024) /* bytes of one file */

struct sr_content;

/* init: creates what is missing of the folder and of the shipped documents; several replicas may do it at
 * once. Without init all four folders have to be there. */
int sr_content_open(const char *path, bool init, struct sr_content **content, struct sr_error *err);
void sr_content_close(struct sr_content *content);

/* Appends the document. 0; -SR_ESTATE: there is none of that name; -SR_EIO, -SR_ELIMIT, -SR_EPROTO (no
 * text). content NULL has no documents. */
int sr_content_read(struct sr_content *content, enum sr_kind kind, const char *name, struct sr_buf *buf,
		    struct sr_error *err);

/* Adds the names of a kind, sorted. */
int sr_content_list(struct sr_content *content, enum sr_kind kind, struct sr_names *names, struct sr_error *err);

#endif
