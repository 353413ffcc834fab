#include "mcp/uri.h"

#include "text.h"

#include <stdio.h>
#include <string.h>

static const char *const kind_names[SR_KINDS] = {
    [SR_KIND_ARTIFACTS] = "artifacts", [SR_KIND_GENERATORS] = "generators", [SR_KIND_PATTERNS] = "patterns",
    [SR_KIND_SDLC] = "sdlc",           [SR_KIND_TEMPLATES] = "templates",
};

const char *sr_kind_name(enum sr_kind kind)
{
	return kind_names[kind];
}

bool sr_uri_is_artifact_id(const char *text)
{
	size_t letters = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	size_t digits;

	if (letters == 0 || text[letters] != '-')
		return false;
	digits = strspn(text + letters + 1, "0123456789");
	return digits >= 3 && text[letters + 1 + digits] == '\0' && letters + 1 + digits <= SR_ARTIFACT_ID_MAX;
}

bool sr_uri_is_name(enum sr_kind kind, const char *name)
{
	switch (kind) {
	case SR_KIND_ARTIFACTS:
		return sr_uri_is_artifact_id(name);
	case SR_KIND_SDLC:
		return strcmp(name, "core") == 0;
	default:
		return sr_text_is_project_id(name); /* the same rule: lower case, digits, dashes */
	}
}

bool sr_uri_parse(const char *uri, enum sr_kind *kind, const char **name)
{
	size_t len = strlen(SR_URI_PREFIX);

	if (strncmp(uri, SR_URI_PREFIX, len) != 0)
		return false;
	uri += len;
	for (int k = 0; k < SR_KINDS; k++) {
		len = strlen(kind_names[k]);
		if (k == SR_KIND_GENERATORS || strncmp(uri, kind_names[k], len) != 0 || uri[len] != '/')
			continue;
		*kind = (enum sr_kind)k;
		*name = uri + len + 1;
		return sr_uri_is_name(*kind, *name);
	}
	return false;
}

void sr_uri_format(char out[SR_URI_SIZE], enum sr_kind kind, const char *name)
{
	snprintf(out, SR_URI_SIZE, SR_URI_PREFIX "%s/%s", kind_names[kind], name);
}

void sr_uri_cache_key(char out[SR_URI_KEY_SIZE], enum sr_kind kind, const char *name)
{
	snprintf(out, SR_URI_KEY_SIZE, "resource:%s:%s", kind_names[kind], name);
}
