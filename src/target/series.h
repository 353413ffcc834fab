/* A duration histogram that many threads count into. Embedded by its owner; all zero is empty. */
#ifndef TARGET_SERIES_H
#define TARGET_SERIES_H

#include "prom.h"

#include <stdatomic.h>
#include <stdint.h>

#define SR_SERIES_BOUNDS 15 /* 0.5 ms to 30 s */

struct sr_series {
	atomic_llong counts[SR_SERIES_BOUNDS + 1];
	atomic_llong sum; /* ns */
};

void sr_series_add(struct sr_series *series, int64_t duration); /* ns; lock-free */

/* Writes the samples of sr_prom_histogram, or nothing while the series is empty. */
void sr_series_render(struct sr_series *series, struct sr_prom *prom, const char *name,
		      const struct sr_prom_label *labels, int count);

#endif
