/* The event loop of one thread, on libuv.
 *
 * A turn: poll → due timers, descriptors, mailbox → completions (ops that finished, in the order in
 * which they did) → turn-end hooks (engines send what was queued) → poll. A completion that finishes
 * another op puts it at the queue's end; the loop does not poll with completions waiting.
 * Everything here is for the loop's own thread, except sr_mailbox_post and sr_loop_wake. */
#ifndef SCALERUN_LOOP_LOOP_H
#define SCALERUN_LOOP_LOOP_H

#include "scalerun/base/error.h"

#include <stdbool.h>
#include <stdint.h>

struct sr_loop;
struct uv_loop_s;

/* A callback in an intrusive list: the owner embeds it and keeps it alive while it is queued. */
struct sr_job {
	void (*fn)(void *arg);
	void *arg;
	struct sr_job *next;
	bool queued;
};

int sr_loop_new(struct sr_loop **loop, struct sr_error *err);

/* Closes the loop's own handles and frees it. Every handle, op and timer of others must have ended
 * before; a debug build aborts and names what is still open. */
void sr_loop_free(struct sr_loop *loop);

/* Runs turns until sr_loop_stop, however idle the loop is. Not reentrant. */
void sr_loop_run(struct sr_loop *loop);

/* sr_loop_run returns after the current turn. May be called before _run: one turn is run then. */
void sr_loop_stop(struct sr_loop *loop);

/* Runs turns while pred(arg) is true, at most until the deadline (sr_now() time, SR_NEVER allowed).
 * Returns 0, or -SR_ETIMEOUT when pred still holds at the deadline. For start-up and shut-down. */
int sr_loop_run_while(struct sr_loop *loop, bool (*pred)(void *arg), void *arg, int64_t deadline);

/* The libuv loop, for engines that need uv_poll, uv_signal and so on. */
struct uv_loop_s *sr_loop_uv(struct sr_loop *loop);

/* Runs job->fn once, in the completion step of this turn (or the next, when called from a hook). */
void sr_loop_defer(struct sr_loop *loop, struct sr_job *job);

/* Runs job->fn once, when this turn's completions are done and before the loop polls. What a hook
 * finishes is completed in the same turn, and hooks run again after. */
void sr_loop_at_turn_end(struct sr_loop *loop, struct sr_job *job);

/* Takes a job that was deferred or waits for the turn's end out again; no effect when not queued. */
void sr_loop_forget(struct sr_loop *loop, struct sr_job *job);

/* Makes a blocked poll return. Any thread. */
void sr_loop_wake(struct sr_loop *loop);

/* Counters since the loop began, for tests and for the generator's self-observation. A turn that still runs counts
 * with what it has taken so far. */
struct sr_loop_stats {
	uint64_t turns;
	int64_t busy;     /* ns outside poll */
	int64_t longest;  /* ns, longest turn outside poll since sr_loop_take_longest */
	unsigned pending; /* ops started and not finished */
	unsigned timers;  /* armed */
};
void sr_loop_stats(struct sr_loop *loop, struct sr_loop_stats *stats);

/* The longest turn (ns) since the last call. */
int64_t sr_loop_take_longest(struct sr_loop *loop);

#endif
