#include "flights.h"

#include "cond.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>

struct sr_flights {
	pthread_mutex_t lock;
	pthread_cond_t entered;
	int count;
	struct {
		int in_flight;
		int64_t entered; /* sr_now() of the last request; 0: none yet */
	} projects[];
};

struct sr_flights *sr_flights_new(int projects)
{
	struct sr_flights *flights = calloc(1, sizeof(*flights) + (size_t)projects * sizeof(flights->projects[0]));

	if (!flights)
		return NULL;
	flights->count = projects;
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
	flights->projects[project].in_flight++;
	flights->projects[project].entered = sr_now();
	pthread_cond_broadcast(&flights->entered);
	pthread_mutex_unlock(&flights->lock);
}

void sr_flights_leave(struct sr_flights *flights, int project)
{
	pthread_mutex_lock(&flights->lock);
	flights->projects[project].in_flight--;
	pthread_mutex_unlock(&flights->lock);
}

static int find_other(const struct sr_flights *flights, int project)
{
	for (int i = 1; i < flights->count; i++) {
		int other = (project + i) % flights->count;

		if (flights->projects[other].in_flight > 0)
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

bool sr_flights_recent(struct sr_flights *flights, int project, int64_t window)
{
	int64_t since = sr_now() - window;
	bool recent;

	pthread_mutex_lock(&flights->lock);
	recent = find_other(flights, project) >= 0;
	for (int i = 0; i < flights->count && !recent; i++)
		recent = i != project && flights->projects[i].entered && flights->projects[i].entered > since;
	pthread_mutex_unlock(&flights->lock);
	return recent;
}
