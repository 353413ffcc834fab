/* What makes requests take longer: --service-time, and the faults slow_under_load, wait_under_load and slow_tail. */
#ifndef TARGET_SLOW_H
#define TARGET_SLOW_H

#include <stdbool.h>

struct sr_request;

/* Whether one of the faults has to know who else is active. */
bool sr_slow_needs_flights(void);

/* The answer is ready: pauses before it goes out. */
void sr_slow_request(const struct sr_request *req);

#endif
