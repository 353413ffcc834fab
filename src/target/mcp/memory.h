/* Fault sticky_state: artifacts in the memory of this process instead of on disk. Any thread. */
#ifndef TARGET_MCP_MEMORY_H
#define TARGET_MCP_MEMORY_H

#include "mcp/names.h"

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"

#include <stdbool.h>

struct sr_memory;

struct sr_memory *sr_memory_new(void); /* NULL: no memory */
void sr_memory_free(struct sr_memory *memory);

/* As the functions of store.h. */
int sr_memory_write(struct sr_memory *memory, const char *project, const char *id, const char *content, size_t len,
		    bool *created, struct sr_error *err);
int sr_memory_read(struct sr_memory *memory, const char *project, const char *id, struct sr_buf *buf,
		   struct sr_error *err);
bool sr_memory_has(struct sr_memory *memory, const char *project, const char *id);
int sr_memory_list(struct sr_memory *memory, const char *project, struct sr_names *names);

#endif
