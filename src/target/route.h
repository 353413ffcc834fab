/* The route table: what is served, by which handler. New endpoints are one line in route.c. */
#ifndef TARGET_ROUTE_H
#define TARGET_ROUTE_H

#include "request.h"

typedef void sr_route_handler(struct sr_request *req);

#define SR_ROUTE_OPEN    1u /* no key needed */
#define SR_ROUTE_SAFE    2u /* a GET without effects, so that HEAD is served too */
#define SR_ROUTE_GUARDED 4u /* Host and Origin are looked at */

struct sr_route {
	const char *method;
	const char *pattern; /* "/tasks/{id}/status": {…} matches one segment */
	sr_route_handler *handler;
	unsigned flags; /* SR_ROUTE_… */
};

int sr_route_count(void);
int sr_route_index(const struct sr_route *route); /* NULL: sr_route_count() */

/* The pattern, or "none" for sr_route_count(). */
const char *sr_route_name(int index);

/* Finds req's route by req->method and req->url, sets ->route and ->args. 0, 404, or 405 with ->allow. */
int sr_route_match(struct sr_request *req);

#endif
