/* High dynamic range histogram of durations: 1 µs to 1 h, 3 significant decimal digits, fixed
 * memory, after Gil Tene's HdrHistogram (http://hdrhistogram.org): bucket widths double, each bucket
 * holds 1024 linear steps, so any value is off by at most 0.1 %.
 *
 * One thread writes; other threads may read at any time (counts are relaxed atomics): they see every
 * record that ended before a synchronisation with the writer, and perhaps later ones. No locks. */
#ifndef SCALERUN_BASE_HIST_H
#define SCALERUN_BASE_HIST_H

#include "scalerun/base/buf.h"
#include "scalerun/base/error.h"

#include <stdint.h>

struct sr_hist;

struct sr_hist *sr_hist_new(void); /* NULL: no memory */
void sr_hist_free(struct sr_hist *hist);
void sr_hist_reset(struct sr_hist *hist);

/* Values are nanoseconds. Below 1 µs counts as 1 µs; above 1 h counts as 1 h and in _saturated. */
void sr_hist_record(struct sr_hist *hist, int64_t value);
void sr_hist_record_n(struct sr_hist *hist, int64_t value, int64_t count);

/* Adds all counts of `from` to `into` (whose writer is the caller). */
void sr_hist_merge(struct sr_hist *into, const struct sr_hist *from);

int64_t sr_hist_count(const struct sr_hist *hist);
int64_t sr_hist_saturated(const struct sr_hist *hist);
int64_t sr_hist_min(const struct sr_hist *hist); /* exact; 0 when empty */
int64_t sr_hist_max(const struct sr_hist *hist); /* exact; 0 when empty */
double sr_hist_mean(const struct sr_hist *hist); /* from the exact sum */
double sr_hist_stddev(const struct sr_hist *hist);

/* The smallest recorded value v (its bucket's highest equivalent, at most the exact maximum) such that
 * at least percent % of the values are <= v. percent is clamped to 0..100. 0 when empty. */
int64_t sr_hist_percentile(const struct sr_hist *hist, double percent);

/* Calls fn for every bucket with a count, ascending: lowest and highest value that it stands for. */
typedef void sr_hist_visit_fn(void *arg, int64_t low, int64_t high, int64_t count);
void sr_hist_visit(const struct sr_hist *hist, sr_hist_visit_fn *fn, void *arg);

/* What the cells do not hold, so that a histogram that was written down cell by cell becomes the same again. */
struct sr_hist_exact {
	int64_t min, max, saturated;
	uint64_t sum;
};
void sr_hist_exact(const struct sr_hist *hist, struct sr_hist_exact *exact);

/* After the cells have been recorded, by any of their values. 0, or -1 where min and max do not fit the cells. */
int sr_hist_set_exact(struct sr_hist *hist, const struct sr_hist_exact *exact);

/* Appends the histogram to out as base64 of HdrHistogram's V2 compressed encoding (ns, from 1, 3 digits), which
 * HdrHistogram's own libraries read. Counts only: the exact minimum, maximum and sum are not part of it. */
int sr_hist_encode(const struct sr_hist *hist, struct sr_buf *out, struct sr_error *err);

/* Adds what such a text holds to `into`, every value at its cell's middle, the least at its cell's low end, the
 * greatest at its high end. Takes what sr_hist_encode wrote, and other writers' encodings of the same layout.
 * -SR_EPROTO: it is none, or broken; `into` is then as it was. */
int sr_hist_decode(const char *text, size_t len, struct sr_hist *into, struct sr_error *err);

#endif
