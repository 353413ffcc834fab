/* The documents that the target ships: Markdown of realistic sizes, made from seed text, the same every
 * time. No I/O, any thread. */
#ifndef TARGET_MCP_DOCUMENT_H
#define TARGET_MCP_DOCUMENT_H

#include "mcp/uri.h"

#include "scalerun/base/buf.h"

struct sr_document {
	enum sr_kind kind;
	const char *name;
	const char *title;
	int size; /* KiB, met to within 1 % */
};

int sr_document_count(void);
const struct sr_document *sr_document_at(int index);

/* Appends the document. 0 or -SR_E… of the buffer. */
int sr_document_write(const struct sr_document *document, struct sr_buf *buf);

#endif
