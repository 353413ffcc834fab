#include "sweeper.h"

#include "cond.h"
#include "reservations.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

struct sr_sweeper {
	struct sr_app *app;
	int64_t interval;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stop;
	bool ended;
};

static void sweep(struct sr_app *app)
{
	struct sr_error err;
	int64_t deleted;

	if (sr_reservations_sweep(app->db, NULL, &deleted, &err)) {
		sr_jlog_event(app->log, SR_LOG_WARN, "sweep", "expired reservations not deleted: %s", err.text);
		return;
	}
	sr_stats_add(app->stats, SR_STATS_RESERVATIONS_SWEPT, deleted);
	sr_jlog_event(app->log, SR_LOG_DEBUG, "sweep", "%lld expired reservations deleted", (long long)deleted);
}

/* Waits for one interval; false when it is time to stop. */
static bool wait_interval(struct sr_sweeper *sweeper)
{
	int64_t deadline = sr_now() + sweeper->interval;
	bool stop;

	pthread_mutex_lock(&sweeper->lock);
	while (!sweeper->stop && sr_now() < deadline)
		sr_cond_wait_until(&sweeper->wake, &sweeper->lock, deadline);
	stop = sweeper->stop;
	pthread_mutex_unlock(&sweeper->lock);
	return !stop;
}

static void *run(void *arg)
{
	struct sr_sweeper *sweeper = arg;

	while (wait_interval(sweeper))
		sweep(sweeper->app);
	pthread_mutex_lock(&sweeper->lock);
	sweeper->ended = true;
	pthread_cond_signal(&sweeper->wake);
	pthread_mutex_unlock(&sweeper->lock);
	return NULL;
}

struct sr_sweeper *sr_sweeper_new(struct sr_app *app, int64_t interval)
{
	struct sr_sweeper *sweeper = calloc(1, sizeof(*sweeper));

	if (!sweeper)
		return NULL;
	sweeper->app = app;
	sweeper->interval = interval;
	pthread_mutex_init(&sweeper->lock, NULL);
	sr_cond_init(&sweeper->wake);
	if (pthread_create(&sweeper->thread, NULL, run, sweeper)) {
		free(sweeper);
		return NULL;
	}
	return sweeper;
}

bool sr_sweeper_stop(struct sr_sweeper *sweeper, int64_t wait)
{
	int64_t deadline = sr_now() + wait;
	bool ended;

	pthread_mutex_lock(&sweeper->lock);
	sweeper->stop = true;
	pthread_cond_signal(&sweeper->wake);
	while (!sweeper->ended && sr_now() < deadline)
		sr_cond_wait_until(&sweeper->wake, &sweeper->lock, deadline);
	ended = sweeper->ended;
	pthread_mutex_unlock(&sweeper->lock);
	if (!ended)
		return false;
	pthread_join(sweeper->thread, NULL);
	pthread_cond_destroy(&sweeper->wake);
	pthread_mutex_destroy(&sweeper->lock);
	free(sweeper);
	return true;
}
