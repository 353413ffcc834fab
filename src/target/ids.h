/* What the endpoints that allocate ids have in common. */
#ifndef TARGET_IDS_H
#define TARGET_IDS_H

#include <stdbool.h>

struct sr_request;

/* False after 400 that lists the types. */
bool sr_ids_check_type(struct sr_request *req, const char *value, const char **type);

/* The sequence that the request's key draws from. */
const char *sr_ids_scope(const struct sr_request *req);

/* Allocating writes: false after 404 when project is not the key's. */
bool sr_ids_check_owner(struct sr_request *req, const char *project);

#endif
