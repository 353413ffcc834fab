/* Waiting on the calling thread. */
#ifndef TARGET_PAUSE_H
#define TARGET_PAUSE_H

#include "scalerun/base/clock.h"

#include <errno.h>
#include <time.h>

static inline void sr_pause(int64_t ns)
{
	struct timespec left = {.tv_sec = ns / SR_S, .tv_nsec = ns % SR_S};

	while (nanosleep(&left, &left) && errno == EINTR)
		continue; /* interrupted */
}

#endif
