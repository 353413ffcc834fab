/* What the service counts about itself, and /metrics. Counting is lock-free; any thread. */
#ifndef TARGET_STATS_H
#define TARGET_STATS_H

#include "scalerun/base/buf.h"

#include <stdint.h>

struct sr_app;
struct sr_stats;

enum sr_stats_counter {
	SR_STATS_RATE_LIMITED,    /* reservations refused with 429 */
	SR_STATS_LIMITER_SKIPPED, /* reservations let through because Redis was not to be had */
	SR_STATS_IDS_ALLOCATED,   /* ids handed out */
	SR_STATS_RESERVATIONS_SWEPT,
	SR_STATS_COUNTERS
};

/* For `routes` routes (index routes stands for requests that matched none) and `projects` projects. */
struct sr_stats *sr_stats_new(int routes, int projects);
void sr_stats_free(struct sr_stats *stats);

void sr_stats_enter(struct sr_stats *stats); /* a request begins … */

/* … and has been answered. duration in ns; project -1: none. */
void sr_stats_leave(struct sr_stats *stats, int route, int status, int64_t duration, int project);
int sr_stats_in_flight(struct sr_stats *stats);
void sr_stats_add(struct sr_stats *stats, enum sr_stats_counter counter, int64_t n);

/* Appends the whole exposition. 0, or -SR_E… of the buffer. */
int sr_stats_render(struct sr_app *app, struct sr_buf *buf);

#endif
