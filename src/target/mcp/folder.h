/* Files in one open directory. Names are single path components that callers have checked against a
 * rule of their own; here they are checked once more to be nothing but a name. No symbolic link is
 * followed below the directory. Any thread. */
#ifndef TARGET_MCP_FOLDER_H
#define TARGET_MCP_FOLDER_H

#include "mcp/names.h"

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Opens the directory at a path from the command line, creating it (and its parents) when `create`.
 * Returns a descriptor, or -SR_EIO with an error that names `option` and the path. */
int sr_folder_open(const char *option, const char *path, bool create, struct sr_error *err);

/* Opens the directory `name` inside dir. A descriptor; -SR_ESTATE: there is none; -SR_EIO. */
int sr_folder_enter(int dir, const char *name, bool create, struct sr_error *err);

/* Appends the whole file. 0; -SR_ESTATE: no such file; -SR_ELIMIT: longer than the buffer takes; -SR_EIO. */
int sr_folder_read(int dir, const char *name, struct sr_buf *buf, struct sr_error *err);

/* Whether there is a file of that name. */
bool sr_folder_has(int dir, const char *name);

/* Replaces or creates the file so that readers see the old or the new content whole: a temporary file and a
 * rename. durable: also after a crash, and it stays (fsync of the file and of the directory). */
int sr_folder_write(int dir, const char *name, const char *data, size_t len, bool durable, struct sr_error *err);

/* Adds the names that `accept` takes, sorted. */
int sr_folder_list(int dir, bool (*accept)(const char *name), struct sr_names *names, struct sr_error *err);

#endif
