/* Fine timers: order, moving and stopping in every phase, many at once, and when the kernel is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "loop_private.h"
#include "scalerun/base/clock.h"
#include "scalerun/loop/timer.h"

#include <stdlib.h>
#include <string.h>

#define MANY 5000

static struct sr_timer *fired[MANY];
static size_t count;

static int set_up(void **state)
{
	count = 0;
	return make_loop(state);
}

static void note(struct sr_timer *timer, void *arg)
{
	(void)arg;
	assert_false(sr_timer_armed(timer));
	assert_true(count < MANY);
	fired[count++] = timer;
}

static bool fewer_than(void *arg)
{
	return count < *(size_t *)arg;
}

static void run_until_fired(struct sr_loop *loop, size_t wanted)
{
	assert_int_equal(sr_loop_run_while(loop, fewer_than, &wanted, sr_now() + 60 * SR_S), 0);
}

static void due_timers_fire_in_order_of_due_time(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timers[4];
	int64_t past = sr_now() - SR_MS;

	for (size_t i = 0; i < 4; i++)
		sr_timer_init(&timers[i], loop, note, NULL);
	sr_timer_start(&timers[0], past + 30);
	sr_timer_start(&timers[1], past + 10);
	sr_timer_start(&timers[2], past + 20);
	sr_timer_start(&timers[3], past + 10); /* after 1: it was started after */
	assert_int_equal(count, 0);
	one_turn(loop);
	assert_int_equal(count, 4);
	assert_ptr_equal(fired[0], &timers[1]);
	assert_ptr_equal(fired[1], &timers[3]);
	assert_ptr_equal(fired[2], &timers[2]);
	assert_ptr_equal(fired[3], &timers[0]);
}

static void a_timer_never_fires_early(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timer;

	sr_timer_init(&timer, loop, note, NULL);
	for (size_t i = 1; i <= 20; i++) {
		sr_timer_start(&timer, sr_now() + (int64_t)i * 50 * SR_US);
		timer.spin = i % 2 ? 100 * SR_US : 0;
		run_until_fired(loop, i);
		assert_true(sr_now() >= timer.due);
	}
}

static void a_long_spin_is_cut_to_its_maximum(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timer;

	sr_timer_init(&timer, loop, note, NULL);
	timer.spin = 3600 * SR_S;
	sr_timer_start(&timer, sr_now() + 1800 * SR_S);
	one_turn(loop); /* would spin for half an hour */
	assert_int_equal(count, 0);
	sr_timer_stop(&timer);
}

static void a_moved_timer_fires_once_at_its_new_time(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timer, other;

	sr_timer_init(&timer, loop, note, NULL);
	sr_timer_init(&other, loop, note, NULL);
	sr_timer_start(&timer, sr_now() + 3600 * SR_S);
	sr_timer_start(&other, 2);
	sr_timer_start(&timer, 1);
	one_turn(loop);
	assert_int_equal(count, 2);
	assert_ptr_equal(fired[0], &timer);
	one_turn(loop);
	assert_int_equal(count, 2);
}

static void never_stops(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timer;

	sr_timer_init(&timer, loop, note, NULL);
	sr_timer_start(&timer, 1);
	sr_timer_start(&timer, SR_NEVER);
	assert_false(sr_timer_armed(&timer));
	sr_timer_stop(&timer);
	one_turn(loop);
	assert_int_equal(count, 0);
}

/* What a firing timer's function does to itself and to the others that are due in the same turn. */

static void restart_in_the_past(struct sr_timer *timer, void *arg)
{
	(void)arg;
	note(timer, NULL);
	sr_timer_start(timer, 1);
}

static void a_timer_restarted_in_the_past_fires_next_turn(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timer, other;

	sr_timer_init(&timer, loop, restart_in_the_past, NULL);
	sr_timer_init(&other, loop, note, NULL);
	sr_timer_start(&timer, 1);
	sr_timer_start(&other, 2);
	one_turn(loop);
	assert_int_equal(count, 2);
	assert_ptr_equal(fired[1], &other);
	one_turn(loop);
	assert_int_equal(count, 3);
	sr_timer_stop(&timer);
}

static void stop_other(struct sr_timer *timer, void *arg)
{
	note(timer, NULL);
	assert_true(sr_timer_armed(arg));
	sr_timer_stop(arg);
	assert_false(sr_timer_armed(arg));
	memset(arg, 0xff, sizeof(struct sr_timer)); /* its memory may go */
}

static void a_due_timer_stopped_by_another_does_not_fire(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer first, last, *other = malloc(sizeof *other);

	sr_timer_init(&first, loop, stop_other, other);
	sr_timer_init(other, loop, note, NULL);
	sr_timer_init(&last, loop, note, NULL);
	sr_timer_start(&first, 1);
	sr_timer_start(other, 2);
	sr_timer_start(&last, 3);
	one_turn(loop);
	free(other);
	assert_int_equal(count, 2);
	assert_ptr_equal(fired[1], &last);
	assert_int_equal(sr_timers_armed(loop), 0);
}

static void move_other(struct sr_timer *timer, void *arg)
{
	note(timer, NULL);
	sr_timer_start(arg, 1);
}

static void a_due_timer_moved_by_another_fires_next_turn(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer first, other;

	sr_timer_init(&first, loop, move_other, &other);
	sr_timer_init(&other, loop, note, NULL);
	sr_timer_start(&first, 1);
	sr_timer_start(&other, 2);
	one_turn(loop);
	assert_int_equal(count, 1);
	one_turn(loop);
	assert_int_equal(count, 2);
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1103515245u + 12345u;
	return *seed >> 8;
}

/* Random starts, moves and stops; then the order in which all fire is that of their due times. */
static void many_timers_keep_their_order(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer *timers = calloc(MANY, sizeof *timers);
	size_t armed = 0;
	unsigned seed = 7;

	for (size_t i = 0; i < MANY; i++) {
		sr_timer_init(&timers[i], loop, note, NULL);
		sr_timer_start(&timers[i], 1 + next_random(&seed) % 1000);
	}
	for (size_t i = 0; i < 4 * MANY; i++) {
		struct sr_timer *timer = &timers[next_random(&seed) % MANY];

		if (next_random(&seed) % 3 == 0)
			sr_timer_stop(timer);
		else
			sr_timer_start(timer, 1 + next_random(&seed) % 1000);
	}
	for (size_t i = 0; i < MANY; i++)
		armed += sr_timer_armed(&timers[i]);
	assert_int_equal(sr_timers_armed(loop), armed);
	assert_true(armed > 0);
	one_turn(loop);
	assert_int_equal(count, armed);
	for (size_t i = 1; i < count; i++) {
		assert_true(fired[i - 1]->due <= fired[i]->due);
		if (fired[i - 1]->due == fired[i]->due)
			assert_true(fired[i - 1]->tie < fired[i]->tie);
	}
	free(timers);
}

/* The point of the lazy descriptor: a far deadline that is started and stopped again and again. */
static void a_later_deadline_does_not_touch_the_descriptor(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timer;
	int64_t armed;

	sr_timer_init(&timer, loop, note, NULL);
	sr_timer_start(&timer, sr_now() + 30 * SR_S);
	one_turn(loop);
	armed = loop->timers.armed;
	assert_int_equal(armed, timer.due);
	for (int i = 0; i < 10; i++) {
		sr_timer_stop(&timer);
		one_turn(loop);
		sr_timer_start(&timer, sr_now() + 30 * SR_S);
		assert_true(timer.due > armed);
		one_turn(loop);
		assert_int_equal(loop->timers.armed, armed);
	}
	sr_timer_start(&timer, sr_now() + 10 * SR_S);
	one_turn(loop);
	assert_int_equal(loop->timers.armed, timer.due);
	sr_timer_stop(&timer);
}

static void the_descriptor_is_cleared_after_it_fired(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timer;
	struct sr_loop_stats before, after;

	sr_timer_init(&timer, loop, note, NULL);
	sr_timer_start(&timer, sr_now() + SR_MS);
	run_until_fired(loop, 1);
	sr_loop_stats(loop, &before);
	sr_timer_start(&timer, sr_now() + 20 * SR_MS);
	run_until_fired(loop, 2);
	sr_loop_stats(loop, &after);
	assert_true(loop->timers.fired);
	one_turn(loop);
	assert_false(loop->timers.fired);
	assert_int_equal(loop->timers.armed, SR_NEVER);
	assert_in_range(after.turns - before.turns, 1, 10); /* it slept, it did not turn and turn */
}

static void too_many_timers_are_refused(void **state)
{
	struct sr_loop *loop = *state;
	struct sr_timer timers[65];

	loop->timers.limit = 64;
	for (size_t i = 0; i < 65; i++)
		sr_timer_init(&timers[i], loop, note, NULL);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(sr_timer_start(&timers[i], 1), 0);
	assert_int_equal(sr_timer_start(&timers[64], 1), -SR_ENOMEM);
	assert_false(sr_timer_armed(&timers[64]));
	one_turn(loop);
	assert_int_equal(count, 64);
}

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, set_up, free_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_LOOP(due_timers_fire_in_order_of_due_time),
	    WITH_LOOP(a_timer_never_fires_early),
	    WITH_LOOP(a_long_spin_is_cut_to_its_maximum),
	    WITH_LOOP(a_moved_timer_fires_once_at_its_new_time),
	    WITH_LOOP(never_stops),
	    WITH_LOOP(a_timer_restarted_in_the_past_fires_next_turn),
	    WITH_LOOP(a_due_timer_stopped_by_another_does_not_fire),
	    WITH_LOOP(a_due_timer_moved_by_another_fires_next_turn),
	    WITH_LOOP(many_timers_keep_their_order),
	    WITH_LOOP(a_later_deadline_does_not_touch_the_descriptor),
	    WITH_LOOP(the_descriptor_is_cleared_after_it_fired),
	    WITH_LOOP(too_many_timers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
