/* API keys: one opens exactly one project. Immutable after _load; any thread. */
#ifndef TARGET_KEYS_H
#define TARGET_KEYS_H

#include "scalerun/base/error.h"

#define SR_KEY_MIN 16
#define SR_KEY_MAX 128

struct sr_keys;

/* Reads {"project":"key", …}. Refuses: no file, not JSON, no project, more than 1000, project ids that
 * break the rule, keys that are not 16 to 128 printable ASCII characters, two equal keys. Errors name
 * the project, never the key. */
int sr_keys_load(const char *path, struct sr_keys **keys, struct sr_error *err);
void sr_keys_free(struct sr_keys *keys);

int sr_keys_count(const struct sr_keys *keys);
const char *sr_keys_project(const struct sr_keys *keys, int index);

/* The index of the project that the value of an Authorization header opens, or -1. Takes the same time
 * for every wrong key. */
int sr_keys_authorize(const struct sr_keys *keys, const char *authorization);

#endif
