/* Fine timers: a heap per loop behind one timerfd (libuv's own timers round to milliseconds).
 * All timers that are due fire in one turn, earliest first. The owner embeds the timer and stops it
 * before its memory goes. The loop's thread only. */
#ifndef SCALERUN_LOOP_TIMER_H
#define SCALERUN_LOOP_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sr_loop;
struct sr_timer;

typedef void sr_timer_fn(struct sr_timer *timer, void *arg);

struct sr_timer {
	struct sr_loop *loop;
	sr_timer_fn *fn;
	void *arg;
	int64_t due;  /* sr_now() time */
	int64_t spin; /* ns before due that are spent spinning instead of sleeping; 0 by default */
	size_t index; /* place in the heap + 1; 0: not armed */
	uint64_t tie; /* equal due times fire in the order of their start */
};

void sr_timer_init(struct sr_timer *timer, struct sr_loop *loop, sr_timer_fn *fn, void *arg);

/* Arms, or moves when armed. A due time in the past fires in the next turn, never inside this call.
 * SR_NEVER stops. Returns 0 or -SR_ENOMEM. */
int sr_timer_start(struct sr_timer *timer, int64_t due);

/* No effect when not armed. */
void sr_timer_stop(struct sr_timer *timer);

static inline bool sr_timer_armed(const struct sr_timer *timer)
{
	return timer->index != 0;
}

#endif
