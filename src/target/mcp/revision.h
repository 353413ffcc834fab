/* The protocol revisions that are served. */
#ifndef TARGET_MCP_REVISION_H
#define TARGET_MCP_REVISION_H

#include <stdbool.h>

#define SR_REVISIONS "2025-03-26, 2025-06-18, 2025-11-25"

enum sr_revision { SR_REVISION_2025_03_26, SR_REVISION_2025_06_18, SR_REVISION_2025_11_25, SR_REVISION_COUNT };

const char *sr_revision_name(enum sr_revision revision);

/* False: not served. NULL, the absent header, is 2025-03-26, the last revision that did not have it. */
bool sr_revision_find(const char *name, enum sr_revision *revision);

#endif
