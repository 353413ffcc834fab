#include "cond.h"

#include "scalerun/base/clock.h"

#include <time.h>

void sr_cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

void sr_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline)
{
	struct timespec until = {.tv_sec = deadline / SR_S, .tv_nsec = deadline % SR_S};

	pthread_cond_timedwait(cond, lock, &until);
}
