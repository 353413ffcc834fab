#include "health.h"

#include "cond.h"
#include "db.h"
#include "kv.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

#define SR_HEALTH_TIMEOUT SR_S

/* One dependency and the thread that asks it. Requests are numbered: a check answers all requests that
 * were made before it began. */
struct probe {
	struct sr_health *health;
	bool (*check)(struct sr_health *health);
	pthread_t thread;
	int64_t asked;
	int64_t answered; /* the last request that `up` speaks for */
	bool up;
};

struct sr_health {
	struct sr_health_options options;
	struct sr_db_conn *conn; /* the database probe's */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool stop;
	struct probe database, redis;
};

static bool check_database(struct sr_health *health)
{
	int64_t deadline = sr_now() + SR_HEALTH_TIMEOUT;

	if (!health->conn &&
	    sr_db_connect(health->options.dsn, health->options.application, deadline, &health->conn, NULL))
		return false;
	if (sr_db_ping(health->conn, deadline) == 0)
		return true;
	sr_db_close(health->conn);
	health->conn = NULL;
	return false;
}

static bool check_redis(struct sr_health *health)
{
	return sr_kv_ping(health->options.kv, NULL) == 0;
}

static void *run_probe(void *arg)
{
	struct probe *probe = arg;
	struct sr_health *health = probe->health;

	pthread_mutex_lock(&health->lock);
	while (!health->stop) {
		int64_t asked = probe->asked;
		bool up;

		if (probe->answered == asked) {
			pthread_cond_wait(&health->changed, &health->lock);
			continue;
		}
		pthread_mutex_unlock(&health->lock);
		up = probe->check(health);
		pthread_mutex_lock(&health->lock);
		probe->up = up;
		probe->answered = asked;
		pthread_cond_broadcast(&health->changed);
	}
	pthread_mutex_unlock(&health->lock);
	return NULL;
}

static bool start(struct sr_health *health, struct probe *probe, bool (*check)(struct sr_health *))
{
	probe->health = health;
	probe->check = check;
	return pthread_create(&probe->thread, NULL, run_probe, probe) == 0;
}

static void stop(struct sr_health *health)
{
	pthread_mutex_lock(&health->lock);
	health->stop = true;
	pthread_cond_broadcast(&health->changed);
	pthread_mutex_unlock(&health->lock);
}

struct sr_health *sr_health_new(const struct sr_health_options *options)
{
	struct sr_health *health = calloc(1, sizeof(*health));

	if (!health)
		return NULL;
	health->options = *options;
	pthread_mutex_init(&health->lock, NULL);
	sr_cond_init(&health->changed);
	if (!start(health, &health->database, check_database)) {
		free(health);
		return NULL;
	}
	if (!start(health, &health->redis, check_redis)) {
		stop(health);
		pthread_join(health->database.thread, NULL);
		free(health);
		return NULL;
	}
	return health;
}

void sr_health_free(struct sr_health *health)
{
	if (!health)
		return;
	stop(health);
	pthread_join(health->database.thread, NULL);
	pthread_join(health->redis.thread, NULL);
	sr_db_close(health->conn);
	pthread_cond_destroy(&health->changed);
	pthread_mutex_destroy(&health->lock);
	free(health);
}

void sr_health_check(struct sr_health *health, int64_t wait, struct sr_health_report *report)
{
	int64_t deadline = sr_now() + wait;
	int64_t database, redis;

	pthread_mutex_lock(&health->lock);
	database = ++health->database.asked;
	redis = ++health->redis.asked;
	pthread_cond_broadcast(&health->changed);
	while ((health->database.answered < database || health->redis.answered < redis) && sr_now() < deadline)
		sr_cond_wait_until(&health->changed, &health->lock, deadline);
	report->database = health->database.answered >= database && health->database.up;
	report->redis = health->redis.answered >= redis && health->redis.up;
	pthread_mutex_unlock(&health->lock);
}
