/* Prometheus text exposition, format 0.0.4. Writes into a bounded buffer; an append that fails is
 * remembered in `error` and the rest dropped. One thread at a time. */
#ifndef TARGET_PROM_H
#define TARGET_PROM_H

#include "scalerun/base/buf.h"

#include <stdint.h>

struct sr_prom {
	struct sr_buf *buf;
	int error;
};

struct sr_prom_label {
	const char *name;
	const char *value; /* any text, escaped on output */
};

/* "# HELP" and "# TYPE"; type is "counter", "gauge" or "histogram". Once per name, before its samples. */
void sr_prom_head(struct sr_prom *prom, const char *name, const char *type, const char *help);

/* One sample; labels may be NULL with count 0. */
void sr_prom_sample(struct sr_prom *prom, const char *name, const struct sr_prom_label *labels, int count,
		    double value);

/* The samples name_bucket{…,le}, name_sum and name_count of one histogram. counts[i] is how many values
 * were <= bounds[i] and above the bound before; counts[bound_count] is the rest. At most 6 labels. */
void sr_prom_histogram(struct sr_prom *prom, const char *name, const struct sr_prom_label *labels, int count,
		       const double *bounds, int bound_count, const int64_t *counts, double sum);

#endif
