#include "scalerun/base/metrics.h"

#include "scalerun/base/error.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MAX_SERIES 4096
#define MAX_KINDS  64
#define SLOTS      (2 * MAX_SERIES) /* of the index by name: never more than half full */
#define OTHER      "other"

struct kind {
	char *name;
	_Atomic int64_t count;
};

struct series {
	char *name;
	struct sr_hist *hist;
	struct sr_hist *_Atomic scheduled; /* NULL until an operation has waited */
	_Atomic int64_t ok;
	_Atomic int64_t failed;
	_Atomic int64_t other; /* failures of kinds that found no place in kinds */
	_Atomic int kind_count;
	struct kind kinds[MAX_KINDS];
};

/* Nothing in here moves once it is made, so that a reader may look while the writer adds series. */
struct sr_metrics {
	_Atomic int count;
	struct series *series[MAX_SERIES];
	uint16_t slots[SLOTS]; /* id + 1, 0 where free */
};

_Static_assert(MAX_SERIES < UINT16_MAX, "an id fits a slot");

static int64_t get(const _Atomic int64_t *at)
{
	return atomic_load_explicit(at, memory_order_relaxed);
}

/* One writer: see hist.c. */
static void add(_Atomic int64_t *at, int64_t n)
{
	atomic_store_explicit(at, get(at) + n, memory_order_relaxed);
}

struct sr_metrics *sr_metrics_new(void)
{
	return calloc(1, sizeof(struct sr_metrics));
}

static void series_free(struct series *series)
{
	if (!series)
		return;
	for (int i = 0; i < series->kind_count; i++)
		free(series->kinds[i].name);
	sr_hist_free(series->hist);
	sr_hist_free(series->scheduled);
	free(series->name);
	free(series);
}

void sr_metrics_free(struct sr_metrics *metrics)
{
	if (!metrics)
		return;
	for (int i = 0; i < metrics->count; i++)
		series_free(metrics->series[i]);
	free(metrics);
}

static struct series *series_new(const char *name)
{
	struct series *series = calloc(1, sizeof(*series));

	if (!series)
		return NULL;
	series->name = strdup(name);
	series->hist = sr_hist_new();
	if (!series->name || !series->hist) {
		series_free(series);
		return NULL;
	}
	return series;
}

/* FNV-1a. */
static uint32_t hash(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h;
}

/* Where name is in the index, or where it would go. */
static uint16_t *find_slot(struct sr_metrics *metrics, const char *name)
{
	uint32_t at = hash(name) % SLOTS;

	while (metrics->slots[at] && strcmp(metrics->series[metrics->slots[at] - 1]->name, name) != 0)
		at = (at + 1) % SLOTS;
	return &metrics->slots[at];
}

int sr_metrics_series(struct sr_metrics *metrics, const char *name)
{
	uint16_t *slot = find_slot(metrics, name);
	int id = metrics->count;

	if (*slot)
		return *slot - 1;
	if (id == MAX_SERIES)
		return -SR_ELIMIT;
	metrics->series[id] = series_new(name);
	if (!metrics->series[id])
		return -SR_ENOMEM;
	*slot = (uint16_t)(id + 1);
	atomic_store_explicit(&metrics->count, id + 1, memory_order_release);
	return id;
}

/* The counter of a kind. Without memory for a new name the failure is still counted, as "other". */
static _Atomic int64_t *kind_counter(struct series *series, const char *name)
{
	int count = series->kind_count;
	char *copy;

	for (int i = 0; i < count; i++) {
		if (strcmp(series->kinds[i].name, name) == 0)
			return &series->kinds[i].count;
	}
	if (count == MAX_KINDS || strcmp(name, OTHER) == 0)
		return &series->other;
	copy = strdup(name);
	if (!copy)
		return &series->other;
	series->kinds[count].name = copy;
	atomic_store_explicit(&series->kind_count, count + 1, memory_order_release);
	return &series->kinds[count].count;
}

/* The histogram from the schedule; made of what was recorded so far, which had not waited. */
static struct sr_hist *scheduled_of(struct series *series)
{
	struct sr_hist *hist = series->scheduled;

	if (hist)
		return hist;
	hist = sr_hist_new();
	if (!hist)
		return NULL;
	sr_hist_merge(hist, series->hist);
	atomic_store_explicit(&series->scheduled, hist, memory_order_release);
	return hist;
}

void sr_metrics_record(struct sr_metrics *metrics, int series, int64_t latency, int64_t waited, const char *kind)
{
	struct series *s = metrics->series[series];
	struct sr_hist *scheduled = waited > 0 ? scheduled_of(s) : s->scheduled;

	sr_hist_record(s->hist, latency);
	if (scheduled)
		sr_hist_record(scheduled, latency + (waited > 0 ? waited : 0));
	if (kind)
		add(kind_counter(s, kind), 1);
	add(kind ? &s->failed : &s->ok, 1);
}

void sr_metrics_ok(struct sr_metrics *metrics, int series, int64_t latency)
{
	sr_metrics_record(metrics, series, latency, 0, NULL);
}

void sr_metrics_failed(struct sr_metrics *metrics, int series, int64_t latency, const char *kind)
{
	sr_metrics_record(metrics, series, latency, 0, kind);
}

static void merge_kind(void *into, const char *kind, int64_t count)
{
	add(kind_counter(into, kind), count);
}

static int merge_hists(struct series *sum, const struct series *from)
{
	const struct sr_hist *scheduled = atomic_load_explicit(&from->scheduled, memory_order_acquire);

	if (scheduled || sum->scheduled) {
		struct sr_hist *into = scheduled_of(sum);

		if (!into)
			return -SR_ENOMEM;
		sr_hist_merge(into, scheduled ? scheduled : from->hist);
	}
	sr_hist_merge(sum->hist, from->hist);
	return 0;
}

int sr_metrics_merge(struct sr_metrics *into, const struct sr_metrics *from)
{
	int count = sr_metrics_count(from);

	for (int i = 0; i < count; i++) {
		const struct series *s = from->series[i];
		int id = sr_metrics_series(into, s->name);
		struct series *sum;
		int rc;

		if (id < 0)
			return id;
		sum = into->series[id];
		rc = merge_hists(sum, s);
		if (rc)
			return rc;
		add(&sum->ok, get(&s->ok));
		add(&sum->failed, get(&s->failed));
		sr_metrics_errors(from, i, merge_kind, sum);
	}
	return 0;
}

int sr_metrics_count(const struct sr_metrics *metrics)
{
	return atomic_load_explicit(&metrics->count, memory_order_acquire);
}

const char *sr_metrics_name(const struct sr_metrics *metrics, int series)
{
	return metrics->series[series]->name;
}

int64_t sr_metrics_count_ok(const struct sr_metrics *metrics, int series)
{
	return get(&metrics->series[series]->ok);
}

int64_t sr_metrics_count_failed(const struct sr_metrics *metrics, int series)
{
	return get(&metrics->series[series]->failed);
}

const struct sr_hist *sr_metrics_hist(const struct sr_metrics *metrics, int series)
{
	return metrics->series[series]->hist;
}

void sr_metrics_restore(struct sr_metrics *metrics, int series, const char *kind, int64_t count)
{
	struct series *s = metrics->series[series];

	if (!kind) {
		add(&s->ok, count);
		return;
	}
	add(kind_counter(s, kind), count);
	add(&s->failed, count);
}

struct sr_hist *sr_metrics_hist_to_fill(struct sr_metrics *metrics, int series)
{
	return metrics->series[series]->hist;
}

const struct sr_hist *sr_metrics_scheduled(const struct sr_metrics *metrics, int series)
{
	return atomic_load_explicit(&metrics->series[series]->scheduled, memory_order_acquire);
}

void sr_metrics_errors(const struct sr_metrics *metrics, int series, sr_metrics_error_fn *fn, void *arg)
{
	const struct series *s = metrics->series[series];
	int count = atomic_load_explicit(&s->kind_count, memory_order_acquire);

	for (int i = 0; i < count; i++)
		fn(arg, s->kinds[i].name, get(&s->kinds[i].count));
	if (get(&s->other) > 0)
		fn(arg, OTHER, get(&s->other));
}

struct sr_hist *sr_metrics_scheduled_to_fill(struct sr_metrics *metrics, int series)
{
	return scheduled_of(metrics->series[series]);
}
