#include "mcp/revision.h"

#include <string.h>

static const char *const names[SR_REVISION_COUNT] = {
    [SR_REVISION_2025_03_26] = "2025-03-26",
    [SR_REVISION_2025_06_18] = "2025-06-18",
    [SR_REVISION_2025_11_25] = "2025-11-25",
};

const char *sr_revision_name(enum sr_revision revision)
{
	return names[revision];
}

bool sr_revision_find(const char *name, enum sr_revision *revision)
{
	*revision = SR_REVISION_2025_03_26;
	if (!name)
		return true;
	for (int i = 0; i < SR_REVISION_COUNT; i++) {
		*revision = (enum sr_revision)i;
		if (strcmp(names[i], name) == 0)
			return true;
	}
	return false;
}
