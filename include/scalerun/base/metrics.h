/* What a project measured: named series, each with counts by outcome and a latency histogram.
 *
 * A struct sr_metrics belongs to one thread, its writer; other threads may read series that they know
 * (see hist.h), and everything after the writer has ended. Series ids are dense from 0 and stay valid
 * for the life of the object. */
#ifndef SCALERUN_BASE_METRICS_H
#define SCALERUN_BASE_METRICS_H

#include "scalerun/base/hist.h"

#include <stdint.h>

struct sr_metrics;

struct sr_metrics *sr_metrics_new(void); /* NULL: no memory */
void sr_metrics_free(struct sr_metrics *metrics);

/* The id of the series called name (copied), made on first use. -SR_ENOMEM or -SR_ELIMIT (more than
 * 4096 series: names probably carry ids). */
int sr_metrics_series(struct sr_metrics *metrics, const char *name);

/* One finished operation: how long it took and, when it failed, the kind of failure (a short stable
 * word, "timeout", "http 429"; copied; at most 64 kinds a series, later ones count as "other"). */
void sr_metrics_ok(struct sr_metrics *metrics, int series, int64_t latency);
void sr_metrics_failed(struct sr_metrics *metrics, int series, int64_t latency, const char *kind);

/* The same for an operation that started `waited` ns after its schedule (kind: NULL when it succeeded). From
 * the first that waited on, the series has a second histogram, of latencies from the schedule. */
void sr_metrics_record(struct sr_metrics *metrics, int series, int64_t latency, int64_t waited, const char *kind);

/* Adds every series of from to into. */
int sr_metrics_merge(struct sr_metrics *into, const struct sr_metrics *from);

int sr_metrics_count(const struct sr_metrics *metrics); /* of series */
const char *sr_metrics_name(const struct sr_metrics *metrics, int series);
int64_t sr_metrics_count_ok(const struct sr_metrics *metrics, int series);
int64_t sr_metrics_count_failed(const struct sr_metrics *metrics, int series);
const struct sr_hist *sr_metrics_hist(const struct sr_metrics *metrics, int series); /* from the start */

/* From the schedule, of as many operations; NULL where none has waited, and both are the same. */
const struct sr_hist *sr_metrics_scheduled(const struct sr_metrics *metrics, int series);

/* Puts a series together that was written down: for its writer, into a series that has nothing yet. count is of
 * successes where kind is NULL, else of failures of that kind. */
void sr_metrics_restore(struct sr_metrics *metrics, int series, const char *kind, int64_t count);
struct sr_hist *sr_metrics_hist_to_fill(struct sr_metrics *metrics, int series);
struct sr_hist *sr_metrics_scheduled_to_fill(struct sr_metrics *metrics, int series); /* before it; NULL: no memory */

typedef void sr_metrics_error_fn(void *arg, const char *kind, int64_t count);
void sr_metrics_errors(const struct sr_metrics *metrics, int series, sr_metrics_error_fn *fn, void *arg);

#endif
