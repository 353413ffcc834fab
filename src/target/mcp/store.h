/* Artifacts on disk, at {root}/{project}/{id}. Callers pass project ids of the keys file and ids that
 * sr_uri_is_artifact_id took; nothing else reaches the file system. Any thread, any replica. */
#ifndef TARGET_MCP_STORE_H
#define TARGET_MCP_STORE_H

#include "mcp/names.h"

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"

#include <stdbool.h>

#define SR_STORE_PATH_SIZE 200

struct sr_store;

/* Opens the root folder, creating it. */
int sr_store_open(const char *path, struct sr_store **store, struct sr_error *err);
void sr_store_close(struct sr_store *store);

/* All of these take store NULL: there are no artifacts, and writing fails with -SR_ENOTSUP. */

/* Whole or not at all. *created: there was none of that id. */
int sr_store_write(struct sr_store *store, const char *project, const char *id, const char *content, size_t len,
		   bool *created, struct sr_error *err);

/* Appends the artifact; -SR_ESTATE when the project has none of that id. */
int sr_store_read(struct sr_store *store, const char *project, const char *id, struct sr_buf *buf,
		  struct sr_error *err);
bool sr_store_has(struct sr_store *store, const char *project, const char *id);

/* Adds the ids of the project's artifacts, sorted by bytes. */
int sr_store_list(struct sr_store *store, const char *project, struct sr_names *names, struct sr_error *err);

/* "artifacts/alpha/US-001": where it is (or would be), below the root's parent. */
void sr_store_path(char out[SR_STORE_PATH_SIZE], const char *project, const char *id);

#endif
