#include "series.h"

#include "scalerun/base/clock.h"

static const double bounds[SR_SERIES_BOUNDS] = {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1,
						0.2,    0.5,   1,     2,     5,    10,   30};

void sr_series_add(struct sr_series *series, int64_t duration)
{
	int b = 0;

	while (b < SR_SERIES_BOUNDS && (double)duration > bounds[b] * (double)SR_S)
		b++;
	atomic_fetch_add_explicit(&series->counts[b], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&series->sum, duration, memory_order_relaxed);
}

void sr_series_render(struct sr_series *series, struct sr_prom *prom, const char *name,
		      const struct sr_prom_label *labels, int count)
{
	int64_t counts[SR_SERIES_BOUNDS + 1];
	int64_t total = 0;

	for (int b = 0; b <= SR_SERIES_BOUNDS; b++) {
		counts[b] = atomic_load_explicit(&series->counts[b], memory_order_relaxed);
		total += counts[b];
	}
	if (total > 0)
		sr_prom_histogram(prom, name, labels, count, bounds, SR_SERIES_BOUNDS, counts,
				  (double)atomic_load_explicit(&series->sum, memory_order_relaxed) / (double)SR_S);
}
