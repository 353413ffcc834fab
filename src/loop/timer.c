#include "scalerun/loop/timer.h"

#include "loop_private.h"
#include "scalerun/base/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define TIMERS_MAX ((size_t)1 << 22)
#define SPIN_MAX   SR_MS
#define FIRING     (~(SIZE_MAX >> 1)) /* set in timer->index: its place is in `firing`, not in the heap */

static bool before(const struct sr_timer_slot *a, const struct sr_timer_slot *b)
{
	return a->due != b->due ? a->due < b->due : a->tie < b->tie;
}

static void place(struct sr_timers *timers, size_t at, struct sr_timer_slot slot)
{
	timers->heap[at] = slot;
	slot.timer->index = at + 1;
}

static void sift_up(struct sr_timers *timers, size_t at, struct sr_timer_slot slot)
{
	while (at > 0) {
		size_t parent = (at - 1) / 4;

		if (!before(&slot, &timers->heap[parent]))
			break;
		place(timers, at, timers->heap[parent]);
		at = parent;
	}
	place(timers, at, slot);
}

static void sift_down(struct sr_timers *timers, size_t at, struct sr_timer_slot slot)
{
	for (;;) {
		size_t least = at * 4 + 1, end = least + 4;

		if (least >= timers->count)
			break;
		if (end > timers->count)
			end = timers->count;
		for (size_t child = least + 1; child < end; child++)
			if (before(&timers->heap[child], &timers->heap[least]))
				least = child;
		if (!before(&timers->heap[least], &slot))
			break;
		place(timers, at, timers->heap[least]);
		at = least;
	}
	place(timers, at, slot);
}

static void take_off(struct sr_timers *timers, size_t at)
{
	struct sr_timer_slot last = timers->heap[--timers->count];

	timers->heap[at].timer->index = 0;
	if (at == timers->count)
		return;
	if (at > 0 && before(&last, &timers->heap[(at - 1) / 4]))
		sift_up(timers, at, last);
	else
		sift_down(timers, at, last);
}

/* `firing` is as large as the heap, so that firing cannot run out of memory. */
static int reserve(struct sr_timers *timers)
{
	size_t capacity = timers->capacity ? timers->capacity * 2 : 64;
	void *grown;

	if (timers->count < timers->capacity)
		return 0;
	if (timers->count >= timers->limit)
		return -SR_ENOMEM;
	grown = realloc(timers->heap, capacity * sizeof *timers->heap);
	if (!grown)
		return -SR_ENOMEM;
	timers->heap = grown;
	grown = realloc(timers->firing, capacity * sizeof *timers->firing);
	if (!grown)
		return -SR_ENOMEM;
	timers->firing = grown;
	timers->capacity = capacity;
	return 0;
}

void sr_timer_init(struct sr_timer *timer, struct sr_loop *loop, sr_timer_fn *fn, void *arg)
{
	*timer = (struct sr_timer){.loop = loop, .fn = fn, .arg = arg, .due = SR_NEVER};
}

int sr_timer_start(struct sr_timer *timer, int64_t due)
{
	struct sr_timers *timers = &timer->loop->timers;

	sr_timer_stop(timer);
	timer->due = due;
	if (due == SR_NEVER)
		return 0;
	if (reserve(timers) < 0)
		return -SR_ENOMEM;
	timer->tie = timers->ties++;
	sift_up(timers, timers->count++, (struct sr_timer_slot){due, timer->tie, timer});
	return 0;
}

void sr_timer_stop(struct sr_timer *timer)
{
	struct sr_timers *timers = &timer->loop->timers;

	if (timer->index == 0)
		return;
	if (timer->index & FIRING) {
		timers->firing[timer->index & ~FIRING] = NULL;
		timer->index = 0;
	} else {
		take_off(timers, timer->index - 1);
	}
}

static void readable(uv_poll_t *poll, int status, int events)
{
	struct sr_loop *loop = poll->data;

	(void)status;
	(void)events;
	loop->timers.fired = true;
}

int sr_timers_init(struct sr_loop *loop, struct sr_error *err)
{
	struct sr_timers *timers = &loop->timers;
	int rc;

	timers->limit = TIMERS_MAX;
	timers->armed = SR_NEVER;
	timers->fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (timers->fd < 0)
		return sr_fail_errno(err, SR_EIO, errno, "loop.new", "cannot create the loop's timer");
	rc = uv_poll_init(&loop->uv, &timers->poll, timers->fd);
	if (rc < 0) {
		close(timers->fd);
		return sr_fail(err, SR_EIO, "loop.new", "cannot watch the loop's timer: %s", uv_strerror(rc));
	}
	timers->poll.data = loop;
	loop->open++;
	uv_poll_start(&timers->poll, UV_READABLE, readable);
	return 0;
}

void sr_timers_close(struct sr_loop *loop)
{
	uv_close((uv_handle_t *)&loop->timers.poll, sr_handle_closed);
}

void sr_timers_deinit(struct sr_loop *loop)
{
	close(loop->timers.fd);
	free(loop->timers.heap);
	free(loop->timers.firing);
}

static int64_t spin_of(const struct sr_timer *timer)
{
	return timer->spin < 0 ? 0 : timer->spin > SPIN_MAX ? SPIN_MAX : timer->spin;
}

/* Setting the descriptor also clears its readability, so that it is never read. It is left alone
 * while it is set to an earlier time than needed: a deadline that is stopped before it comes, as
 * nearly all are, costs no system call, and one needless wake-up at the most. */
bool sr_timers_arm(struct sr_loop *loop)
{
	struct sr_timers *timers = &loop->timers;
	struct itimerspec spec = {0};
	int64_t wake = SR_NEVER;
	bool due = false;

	if (timers->count > 0)
		wake = timers->heap[0].due - spin_of(timers->heap[0].timer);
	if (wake < timers->armed || timers->fired) {
		due = wake <= sr_now();
		if (!due) {
			if (wake != SR_NEVER) {
				spec.it_value.tv_sec = wake / SR_S;
				spec.it_value.tv_nsec = wake % SR_S;
			}
			timerfd_settime(timers->fd, TFD_TIMER_ABSTIME, &spec, NULL);
			timers->armed = wake;
			timers->fired = false;
		}
	}
	return due;
}

void sr_timers_fire(struct sr_loop *loop, int64_t now)
{
	struct sr_timers *timers = &loop->timers;

	if (timers->armed <= now)
		timers->fired = true; /* though poll may have returned for another descriptor first */
	if (timers->count == 0)
		return;
	if (timers->heap[0].due > now) {
		int64_t due = timers->heap[0].due;

		if (due - spin_of(timers->heap[0].timer) > now)
			return;
		while (now < due)
			now = sr_now();
	}
	/* What a timer's function starts is due in the next turn at the earliest: hence two steps. */
	while (timers->count > 0 && timers->heap[0].due <= now) {
		struct sr_timer *timer = timers->heap[0].timer;

		take_off(timers, 0);
		timer->index = FIRING | timers->fire_end;
		timers->firing[timers->fire_end++] = timer;
	}
	while (timers->fire_next < timers->fire_end) {
		struct sr_timer *timer = timers->firing[timers->fire_next++];

		if (!timer)
			continue;
		timer->index = 0;
		timer->fn(timer, timer->arg);
	}
	timers->fire_next = timers->fire_end = 0;
}

size_t sr_timers_armed(const struct sr_loop *loop)
{
	return loop->timers.count + loop->timers.fire_end - loop->timers.fire_next;
}
