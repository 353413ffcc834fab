/* What the files of src/loop share. */
#ifndef SCALERUN_LOOP_PRIVATE_H
#define SCALERUN_LOOP_PRIVATE_H

#include "scalerun/loop/loop.h"
#include "scalerun/loop/timer.h"

#include <pthread.h>
#include <uv.h>

struct sr_queue {
	struct sr_job *head;
	struct sr_job *tail;
	unsigned count;
};

static inline void sr_queue_push(struct sr_queue *queue, struct sr_job *job)
{
	job->queued = true;
	job->next = NULL;
	if (queue->tail)
		queue->tail->next = job;
	else
		queue->head = job;
	queue->tail = job;
	queue->count++;
}

static inline struct sr_job *sr_queue_pop(struct sr_queue *queue)
{
	struct sr_job *job = queue->head;

	if (!job)
		return NULL;
	queue->head = job->next;
	if (!queue->head)
		queue->tail = NULL;
	queue->count--;
	job->next = NULL;
	job->queued = false;
	return job;
}

/* The key stands beside the pointer, so that sifting does not touch the timers themselves. */
struct sr_timer_slot {
	int64_t due;
	uint64_t tie;
	struct sr_timer *timer;
};

struct sr_timers {
	struct sr_timer_slot *heap; /* 4-ary, the earliest first */
	struct sr_timer **firing;   /* taken off the heap to be fired in this turn; as large as the heap */
	size_t count;
	size_t capacity;
	size_t limit;               /* of count */
	size_t fire_next, fire_end; /* the part of `firing` that is still to come */
	uint64_t ties;
	int fd;
	uv_poll_t poll;
	int64_t armed; /* what fd is set to; SR_NEVER: not set */
	bool fired;    /* fd is readable: it must be set again, or cleared */
};

struct sr_mailbox {
	pthread_mutex_t lock;
	struct sr_queue mail; /* guarded by lock */
	bool closed;          /* guarded by lock */
	uv_async_t async;
};

struct sr_loop {
	uv_loop_t uv;
	struct sr_queue jobs;
	struct sr_queue hooks;
	struct sr_timers timers;
	struct sr_mailbox mailbox;
	unsigned open;    /* own libuv handles that are not closed yet */
	unsigned pending; /* ops */
	bool running;
	bool stopping;
	uint64_t turns;
	int64_t idle;  /* uv_metrics_idle_time at the last turn's end */
	int64_t began; /* the turn that runs; 0 between turns */
	int64_t busy;
	int64_t longest;
};

void sr_handle_closed(uv_handle_t *handle); /* for the loop's own handles: handle->data is the loop */

int sr_timers_init(struct sr_loop *loop, struct sr_error *err);
void sr_timers_close(struct sr_loop *loop); /* starts closing the handle */
void sr_timers_deinit(struct sr_loop *loop);
bool sr_timers_arm(struct sr_loop *loop);               /* before poll; true: something is due, do not block */
void sr_timers_fire(struct sr_loop *loop, int64_t now); /* after poll */
size_t sr_timers_armed(const struct sr_loop *loop);

int sr_mailbox_init(struct sr_loop *loop, struct sr_error *err);
void sr_mailbox_close_handle(struct sr_loop *loop);
void sr_mailbox_deinit(struct sr_loop *loop);

#endif
