#include "flights.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct sr_flights {
	pthread_mutex_t lock;
	pthread_cond_t entered;
	int projects;
	int counts[];
};

struct sr_flights *sr_flights_new(int projects)
{
	struct sr_flights *flights = calloc(1, sizeof(*flights) + (size_t)projects * sizeof(int));
	pthread_condattr_t attr;

	if (!flights)
		return NULL;
	flights->projects = projects;
	pthread_mutex_init(&flights->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&flights->entered, &attr);
	pthread_condattr_destroy(&attr);
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
	struct timespec until = {.tv_sec = deadline / SR_S, .tv_nsec = deadline % SR_S};
	int other;

	pthread_mutex_lock(&flights->lock);
	while ((other = find_other(flights, project)) < 0 && sr_now() < deadline)
		pthread_cond_timedwait(&flights->entered, &flights->lock, &until);
	pthread_mutex_unlock(&flights->lock);
	return other;
}
