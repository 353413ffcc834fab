#include "scalerun/host/signals.h"
#include "scalerun/loop/mailbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

/* Signals belong to the process, so this is the one module with process-wide state. */
static struct {
	pthread_t thread;
	struct sr_loop *loop;
	struct sr_job job;
	void (*handler)(int number);
	atomic_int received;
	atomic_bool stopping;
} signals;

static void fill(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGUSR2); /* only from sr_signals_stop: ends the thread's wait */
}

static void on_mail(void *arg)
{
	(void)arg;
	signals.handler(atomic_load(&signals.received));
}

static void *wait_for_signals(void *arg)
{
	sigset_t set;
	int number;

	(void)arg;
	pthread_setname_np(pthread_self(), "signals");
	fill(&set);
	while (sigwait(&set, &number) == 0) {
		if (atomic_load(&signals.stopping))
			break;
		if (number == SIGUSR2)
			continue;
		if (atomic_load(&signals.received))
			_exit(128 + number);
		atomic_store(&signals.received, number);
		sr_mailbox_post(signals.loop, &signals.job);
	}
	return NULL;
}

int sr_signals_start(struct sr_loop *loop, void (*handler)(int number), struct sr_error *err)
{
	sigset_t set;
	int errnum;

	signals.loop = loop;
	signals.handler = handler;
	signals.job = (struct sr_job){.fn = on_mail};
	fill(&set);
	errnum = pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (!errnum)
		errnum = pthread_create(&signals.thread, NULL, wait_for_signals, NULL);
	return errnum ? sr_fail_errno(err, SR_EIO, errnum, "signals", "cannot start the signal thread") : 0;
}

void sr_signals_stop(void)
{
	atomic_store(&signals.stopping, true);
	pthread_kill(signals.thread, SIGUSR2);
	pthread_join(signals.thread, NULL);
}

int sr_signals_received(void)
{
	return atomic_load(&signals.received);
}

void sr_signals_forget(void)
{
	atomic_store(&signals.received, 0);
}
