#include "artifact.h"

#include <stdio.h>
#include <string.h>

static const char *const types[] = {"US", "SPEC", "TASK", "EPIC", "PRD", "HLS", "VIS", "INIT", "SPIKE", "ADR"};

const char *sr_artifact_type(const char *text)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(types[i], text) == 0)
			return types[i];
	}
	return NULL;
}

void sr_artifact_id(char out[SR_ARTIFACT_ID_SIZE], const char *type, int64_t number)
{
	snprintf(out, SR_ARTIFACT_ID_SIZE, "%s-%03lld", type, (long long)number);
}
