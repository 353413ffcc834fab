#include "scalerun/base/hist.h"

#include "hist_cells.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#define CELLS_BYTES (CELLS * sizeof(_Atomic int64_t))

/* One writer, so a count is raised by a load and a store, which cost no locked instruction. */
struct sr_hist {
	_Atomic int64_t count;
	_Atomic int64_t saturated;
	_Atomic int64_t min; /* 0 when empty */
	_Atomic int64_t max;
	_Atomic uint64_t sum;
	_Atomic int64_t *cells; /* CELLS of them */
};

static inline int64_t get(const _Atomic int64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

static inline void set(_Atomic int64_t *at, int64_t value)
{
	atomic_store_explicit(at, value, memory_order_relaxed);
}

static inline void add(_Atomic int64_t *at, int64_t n)
{
	set(at, get(at) + n);
}

static inline void add_sum(struct sr_hist *hist, uint64_t n)
{
	uint64_t sum = atomic_load_explicit(&hist->sum, memory_order_relaxed);

	atomic_store_explicit(&hist->sum, sum + n, memory_order_relaxed);
}

static inline int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Cells are pages of their own: of 264 KB a real histogram touches 20 or 40, and calloc of that size
 * would soon clear recycled memory, a huge page all of it. */
struct sr_hist *sr_hist_new(void)
{
	struct sr_hist *hist = calloc(1, sizeof(*hist));
	void *cells;

	if (!hist)
		return NULL;
	cells = mmap(NULL, CELLS_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (cells == MAP_FAILED) {
		free(hist);
		return NULL;
	}
	madvise(cells, CELLS_BYTES, MADV_NOHUGEPAGE);
	hist->cells = cells;
	return hist;
}

void sr_hist_free(struct sr_hist *hist)
{
	if (!hist)
		return;
	munmap(hist->cells, CELLS_BYTES);
	free(hist);
}

void sr_hist_reset(struct sr_hist *hist)
{
	/* Cells outside of min…max were never touched, and their pages need not be now. */
	if (get(&hist->count) > 0) {
		for (int cell = cell_of(get(&hist->min)); cell <= cell_of(get(&hist->max)); cell++)
			set(&hist->cells[cell], 0);
	}
	set(&hist->count, 0);
	set(&hist->saturated, 0);
	set(&hist->min, 0);
	set(&hist->max, 0);
	atomic_store_explicit(&hist->sum, 0, memory_order_relaxed);
}

static inline void widen(struct sr_hist *hist, int64_t low, int64_t high)
{
	int64_t min = get(&hist->min);

	if (low < min || min == 0)
		set(&hist->min, low);
	if (high > get(&hist->max))
		set(&hist->max, high);
}

void sr_hist_record_n(struct sr_hist *hist, int64_t value, int64_t count)
{
	if (count <= 0)
		return;
	if (value > HIGHEST) {
		value = HIGHEST;
		add(&hist->saturated, count);
	} else if (value < LOWEST) {
		value = LOWEST;
	}
	widen(hist, value, value);
	add(&hist->cells[cell_of(value)], count);
	add_sum(hist, (uint64_t)value * (uint64_t)count);
	add(&hist->count, count);
}

void sr_hist_record(struct sr_hist *hist, int64_t value)
{
	sr_hist_record_n(hist, value, 1);
}

/* The cells that may hold counts: from *first to the result, which is below *first when there are none. */
static int cells_used(const struct sr_hist *hist, int *first)
{
	int64_t min = get(&hist->min);

	*first = min > 0 ? cell_of(min) : 0;
	return min > 0 ? cell_of(get(&hist->max)) : -1;
}

void sr_hist_merge(struct sr_hist *into, const struct sr_hist *from)
{
	int first, last = cells_used(from, &first);
	int64_t total = 0;

	if (last < first)
		return;
	widen(into, get(&from->min), get(&from->max));
	for (int cell = first; cell <= last; cell++) {
		int64_t n = get(&from->cells[cell]);

		if (n > 0)
			add(&into->cells[cell], n);
		total += n;
	}
	add(&into->saturated, get(&from->saturated));
	add_sum(into, atomic_load_explicit(&from->sum, memory_order_relaxed));
	add(&into->count, total);
}

int64_t sr_hist_count(const struct sr_hist *hist)
{
	return get(&hist->count);
}

int64_t sr_hist_saturated(const struct sr_hist *hist)
{
	return get(&hist->saturated);
}

int64_t sr_hist_min(const struct sr_hist *hist)
{
	return get(&hist->min);
}

int64_t sr_hist_max(const struct sr_hist *hist)
{
	return get(&hist->max);
}

double sr_hist_mean(const struct sr_hist *hist)
{
	int64_t count = get(&hist->count);

	return count > 0 ? (double)atomic_load_explicit(&hist->sum, memory_order_relaxed) / (double)count : 0.0;
}

double sr_hist_stddev(const struct sr_hist *hist)
{
	int first, last = cells_used(hist, &first);
	double mean = sr_hist_mean(hist), squares = 0.0, count = 0.0;

	/* All values are the same: do not report the distance to the middle of their cell. */
	if (get(&hist->min) == get(&hist->max))
		return 0.0;
	for (int cell = first; cell <= last; cell++) {
		double n = (double)get(&hist->cells[cell]);
		double off = ((double)low_of(cell) + (double)high_of(cell)) / 2.0 - mean;

		squares += n * off * off;
		count += n;
	}
	return count > 0.0 ? sqrt(squares / count) : 0.0;
}

int64_t sr_hist_percentile(const struct sr_hist *hist, double percent)
{
	int first, last = cells_used(hist, &first);
	int64_t total = 0, rank, seen = 0;

	/* The sum of the cells, not the count: a writer at work may be between the two. */
	for (int cell = first; cell <= last; cell++)
		total += get(&hist->cells[cell]);
	if (total == 0)
		return 0;
	if (!(percent > 0.0))
		percent = 0.0;
	if (percent > 100.0)
		percent = 100.0;
	/* A product a rounding error above a whole number must not ask for one value more. */
	rank = (int64_t)ceil(percent * (double)total / 100.0 * (1.0 - 4.0 * DBL_EPSILON));
	if (rank < 1)
		rank = 1;
	for (int cell = first; cell <= last; cell++) {
		seen += get(&hist->cells[cell]);
		if (seen >= rank)
			return least(high_of(cell), get(&hist->max));
	}
	return get(&hist->max);
}

void sr_hist_visit(const struct sr_hist *hist, sr_hist_visit_fn *fn, void *arg)
{
	int first, last = cells_used(hist, &first);

	for (int cell = first; cell <= last; cell++) {
		int64_t n = get(&hist->cells[cell]);

		if (n > 0)
			fn(arg, low_of(cell), high_of(cell), n);
	}
}

void sr_hist_exact(const struct sr_hist *hist, struct sr_hist_exact *exact)
{
	exact->min = get(&hist->min);
	exact->max = get(&hist->max);
	exact->saturated = get(&hist->saturated);
	exact->sum = atomic_load_explicit(&hist->sum, memory_order_relaxed);
}

int sr_hist_set_exact(struct sr_hist *hist, const struct sr_hist_exact *exact)
{
	int64_t min = get(&hist->min), max = get(&hist->max);

	if (get(&hist->count) == 0 || exact->min < LOWEST || exact->max > HIGHEST ||
	    cell_of(exact->min) != cell_of(min) || cell_of(exact->max) != cell_of(max))
		return -1;
	set(&hist->min, exact->min);
	set(&hist->max, exact->max);
	set(&hist->saturated, exact->saturated);
	atomic_store_explicit(&hist->sum, exact->sum, memory_order_relaxed);
	return 0;
}
