#include "mcp/mixup.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define SR_MIXUP_WAIT (50 * SR_MS)

struct waiter {
	struct waiter *next;
	int project;
	const json_t *id;
	struct sr_jsonw *answer; /* NULL once it has been swapped */
};

struct sr_mixup {
	pthread_mutex_t lock;
	pthread_cond_t swapped;
	struct waiter *waiters;
};

struct sr_mixup *sr_mixup_new(void)
{
	struct sr_mixup *mixup = calloc(1, sizeof(*mixup));
	pthread_condattr_t attr;

	if (!mixup)
		return NULL;
	pthread_mutex_init(&mixup->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&mixup->swapped, &attr);
	pthread_condattr_destroy(&attr);
	return mixup;
}

void sr_mixup_free(struct sr_mixup *mixup)
{
	if (!mixup)
		return;
	pthread_cond_destroy(&mixup->swapped);
	pthread_mutex_destroy(&mixup->lock);
	free(mixup);
}

static struct waiter *find_partner(struct sr_mixup *mixup, const struct waiter *own)
{
	for (struct waiter *other = mixup->waiters; other; other = other->next) {
		if (other->answer && other->project != own->project && json_equal(other->id, own->id))
			return other;
	}
	return NULL;
}

static void leave(struct sr_mixup *mixup, const struct waiter *own)
{
	struct waiter **link = &mixup->waiters;

	while (*link != own)
		link = &(*link)->next;
	*link = own->next;
}

static void wait_for_partner(struct sr_mixup *mixup, struct waiter *own)
{
	int64_t until = sr_now() + SR_MIXUP_WAIT;
	struct timespec time = {.tv_sec = until / SR_S, .tv_nsec = until % SR_S};

	own->next = mixup->waiters;
	mixup->waiters = own;
	while (own->answer) {
		if (pthread_cond_timedwait(&mixup->swapped, &mixup->lock, &time))
			break;
	}
	leave(mixup, own);
}

void sr_mixup_swap(struct sr_mixup *mixup, int project, const json_t *id, struct sr_jsonw *answer)
{
	struct waiter own = {.project = project, .id = id, .answer = answer};
	struct waiter *partner;

	pthread_mutex_lock(&mixup->lock);
	partner = find_partner(mixup, &own);
	if (partner) {
		struct sr_jsonw mine = *answer;

		*answer = *partner->answer;
		*partner->answer = mine;
		partner->answer = NULL;
		pthread_cond_broadcast(&mixup->swapped);
	} else {
		wait_for_partner(mixup, &own);
	}
	pthread_mutex_unlock(&mixup->lock);
}
