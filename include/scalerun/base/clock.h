/* Time: int64_t nanoseconds everywhere in C. Any thread. */
#ifndef SCALERUN_BASE_CLOCK_H
#define SCALERUN_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define SR_US    INT64_C(1000)
#define SR_MS    INT64_C(1000000)
#define SR_S     INT64_C(1000000000)
#define SR_NEVER INT64_MAX /* a deadline that does not come */

/* CLOCK_MONOTONIC. Intervals and deadlines use this one. */
int64_t sr_now(void);

/* CLOCK_REALTIME since 1970: for people and for logs, never for intervals. */
int64_t sr_wall_now(void);

/* CPU time that the calling thread has used. */
int64_t sr_thread_cpu(void);

/* Parses "200ms", "1.5s", "2m", "1h", "10us", "5ns" (no blanks, unit required, not negative).
 * Returns 0, or -SR_EINVAL and leaves *ns alone. */
int sr_duration_parse(const char *text, int64_t *ns);

/* Writes RFC 3339 UTC with milliseconds, "2026-11-23T12:00:00.000Z", for a wall time; 25 bytes with the 0. */
void sr_wall_format(int64_t wall, char out[25]);

#endif
