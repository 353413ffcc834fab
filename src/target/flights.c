#include "flights.h"

#include "cond.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

struct sr_flights {
	pthread_mutex_t lock;
	pthread_cond_t entered;
	int projects;
	int counts[];
};

struct sr_flights *sr_flights_new(int projects)
{
	struct sr_flights *flights = calloc(1, sizeof(*flights) + (size_t)projects * sizeof(int));

	if (!flights)
		return NULL;
	flights->projects = projects;
	pthread_mutex_init(&flights->lock, NULL);
	sr_cond_init(&flights->entered);
	return flights;
}

void sr_flights_free(struct sr_flights *flights)
{
	if (!flights)
		return;
	pthread_cond_destroy(&flights->entered);
	pthread_mutex_destroy(&flights->lock);
	free(flights);
}

void sr_flights_enter(struct sr_flights *flights, int project)
{
	pthread_mutex_lock(&flights->lock);
	flights->counts[project]++;
	pthread_cond_broadcast(&flights->entered);
	pthread_mutex_unlock(&flights->lock);
}

void sr_flights_leave(struct sr_flights *flights, int project)
{
	pthread_mutex_lock(&flights->lock);
	flights->counts[project]--;
	pthread_mutex_unlock(&flights->lock);
}

static int find_other(const struct sr_flights *flights, int project)
{
	for (int i = 1; i < flights->projects; i++) {
		int other = (project + i) % flights->projects;

		if (flights->counts[other] > 0)
			return other;
	}
	return -1;
}

int sr_flights_other(struct sr_flights *flights, int project, int64_t wait)
{
	int64_t deadline = sr_now() + wait;
	int other;

	pthread_mutex_lock(&flights->lock);
	while ((other = find_other(flights, project)) < 0 && sr_now() < deadline)
		sr_cond_wait_until(&flights->entered, &flights->lock, deadline);
	pthread_mutex_unlock(&flights->lock);
	return other;
}
