/* What MCP resources are called: kinds, names, URIs, cache keys. No I/O, any thread. */
#ifndef TARGET_MCP_URI_H
#define TARGET_MCP_URI_H

#include <stdbool.h>
#include <stddef.h>

/* The kinds in the order of their URIs. Generators are prompts: cached like resources, but without a URI. */
enum sr_kind { SR_KIND_ARTIFACTS, SR_KIND_GENERATORS, SR_KIND_PATTERNS, SR_KIND_SDLC, SR_KIND_TEMPLATES, SR_KINDS };

#define SR_URI_PREFIX    "mcp://resources/"
#define SR_URI_SIZE      160
#define SR_URI_KEY_SIZE  160
#define SR_URI_FILE_SIZE 120

#define SR_ARTIFACT_ID_RULE "^[A-Z]+-[0-9]{3,}$"
#define SR_ARTIFACT_ID_MAX  64 /* bytes */

/* "patterns": the folder, the URI segment and the resource_type of the metrics. */
const char *sr_kind_name(enum sr_kind kind);

bool sr_uri_is_artifact_id(const char *text);

/* Whether name can name something of that kind; only such names reach the file system or Redis. */
bool sr_uri_is_name(enum sr_kind kind, const char *name);

/* Splits a URI; *name points into it. False for every other text, however it is spelled or escaped. */
bool sr_uri_parse(const char *uri, enum sr_kind *kind, const char **name);

void sr_uri_format(char out[SR_URI_SIZE], enum sr_kind kind, const char *name);

/* "resource:patterns:caching". */
void sr_uri_cache_key(char out[SR_URI_KEY_SIZE], enum sr_kind kind, const char *name);

#endif
