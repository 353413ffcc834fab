/* Which projects have requests in flight, or had a moment ago: kept only for the faults that show under
 * load. Any thread. */
#ifndef TARGET_FLIGHTS_H
#define TARGET_FLIGHTS_H

#include <stdbool.h>
#include <stdint.h>

struct sr_flights;

struct sr_flights *sr_flights_new(int projects); /* NULL: no memory */
void sr_flights_free(struct sr_flights *flights);

void sr_flights_enter(struct sr_flights *flights, int project);
void sr_flights_leave(struct sr_flights *flights, int project);

/* Another project with a request in flight, waiting up to `wait` ns for one; -1 when there is none. */
int sr_flights_other(struct sr_flights *flights, int project, int64_t wait);

/* Whether another project has a request in flight or has begun one in the last `window` ns. */
bool sr_flights_recent(struct sr_flights *flights, int project, int64_t window);

#endif
