/* Mail between threads: all of it arrives, in order per sender, on the loop's thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "loop_fixture.h"
#include "scalerun/base/clock.h"
#include "scalerun/loop/mailbox.h"

#include <pthread.h>

#define SENDERS 4
#define LETTERS 2000

struct letter {
	struct sr_job job;
	unsigned number;
	struct sender *sender;
};

struct sender {
	pthread_t thread;
	struct sr_loop *loop;
	struct letter letters[LETTERS];
	unsigned received;
};

static struct sender senders[SENDERS];
static pthread_t reader;
static unsigned received;
static unsigned out_of_order;
static unsigned on_wrong_thread;

static void receive(void *arg)
{
	struct letter *letter = arg;

	received++;
	if (letter->sender->received++ != letter->number)
		out_of_order++;
	if (!pthread_equal(reader, pthread_self()))
		on_wrong_thread++;
}

static void address(struct letter *letter, struct sender *sender, unsigned number)
{
	*letter = (struct letter){.number = number, .sender = sender, .job = {.fn = receive, .arg = letter}};
}

static int set_up(void **state)
{
	received = 0;
	reader = pthread_self();
	for (size_t i = 0; i < SENDERS; i++)
		senders[i].received = 0;
	return make_loop(state);
}

static void *send_all(void *arg)
{
	struct sender *sender = arg;

	for (unsigned i = 0; i < LETTERS; i++)
		if (sr_mailbox_post(sender->loop, &sender->letters[i].job) < 0)
			return sender;
	return NULL;
}

static bool mail_missing(void *arg)
{
	return received < *(unsigned *)arg;
}

static void all_mail_arrives_in_order(void **state)
{
	struct sr_loop *loop = *state;
	unsigned wanted = SENDERS * LETTERS;
	void *failed;

	for (size_t i = 0; i < SENDERS; i++) {
		senders[i].loop = loop;
		for (unsigned n = 0; n < LETTERS; n++)
			address(&senders[i].letters[n], &senders[i], n);
		assert_int_equal(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
	}
	assert_int_equal(sr_loop_run_while(loop, mail_missing, &wanted, sr_now() + 60 * SR_S), 0);
	for (size_t i = 0; i < SENDERS; i++) {
		pthread_join(senders[i].thread, &failed);
		assert_null(failed);
	}
	assert_int_equal(received, wanted);
	assert_int_equal(out_of_order, 0);
	assert_int_equal(on_wrong_thread, 0);
}

static void closed_mailbox_refuses_but_keeps_its_word(void **state)
{
	struct sr_loop *loop = *state;
	struct sender *sender = &senders[0];

	address(&sender->letters[0], sender, 0);
	address(&sender->letters[1], sender, 1);
	assert_int_equal(sr_mailbox_post(loop, &sender->letters[0].job), 0);
	sr_mailbox_close(loop);
	assert_int_equal(sr_mailbox_post(loop, &sender->letters[1].job), -SR_ESTATE);
	assert_false(sender->letters[1].job.queued);
	assert_int_equal(received, 0);
	sr_loop_stop(loop);
	sr_loop_run(loop);
	assert_int_equal(received, 1);
}

static void mail_on_the_way_is_delivered_by_free(void **state)
{
	struct sr_loop *loop;
	struct sr_error err;

	(void)state;
	received = 0;
	senders[0].received = 0;
	address(&senders[0].letters[0], &senders[0], 0);
	assert_int_equal(sr_loop_new(&loop, &err), 0);
	assert_int_equal(sr_mailbox_post(loop, &senders[0].letters[0].job), 0);
	sr_loop_free(loop);
	assert_int_equal(received, 1);
}

static bool not_set(void *arg)
{
	return !__atomic_load_n((bool *)arg, __ATOMIC_ACQUIRE);
}

static bool flag;

static void *set_and_wake(void *arg)
{
	__atomic_store_n(&flag, true, __ATOMIC_RELEASE);
	sr_loop_wake(arg);
	return NULL;
}

static void wake_ends_a_blocked_poll(void **state)
{
	struct sr_loop *loop = *state;
	pthread_t thread;

	flag = false;
	assert_int_equal(pthread_create(&thread, NULL, set_and_wake, loop), 0);
	assert_int_equal(sr_loop_run_while(loop, not_set, &flag, SR_NEVER), 0);
	pthread_join(thread, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(all_mail_arrives_in_order, set_up, free_loop),
	    cmocka_unit_test_setup_teardown(closed_mailbox_refuses_but_keeps_its_word, set_up, free_loop),
	    cmocka_unit_test(mail_on_the_way_is_delivered_by_free),
	    cmocka_unit_test_setup_teardown(wake_ends_a_blocked_poll, set_up, free_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
