/* PQcancel connects and waits without a limit of its own. A thread does that: one that hangs, because the server
 * is stopped or unreachable, can be left to itself, which the loop's thread pool could not. */
#include "internal.h"

#include "scalerun/loop/mailbox.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct pg_cancel {
	pthread_mutex_t lock; /* over posted and left */
	PGcancel *pq;
	struct sr_loop *loop;
	struct sr_job job;
	struct sr_pg *pg; /* the loop's thread only; NULL: nobody wants to know */
	bool posted;      /* the job is on its way and will free this */
	bool left;        /* the thread shall free this */
};

static void cancel_free(struct pg_cancel *cancel)
{
	PQfreeCancel(cancel->pq);
	pthread_mutex_destroy(&cancel->lock);
	free(cancel);
}

static void returned(void *arg)
{
	struct pg_cancel *cancel = arg;
	struct sr_pg *pg = cancel->pg;

	pthread_mutex_lock(&cancel->lock); /* the thread posted this under the lock, and may hold it still */
	pthread_mutex_unlock(&cancel->lock);
	cancel_free(cancel);
	if (!pg)
		return;
	pg->cancel = NULL;
	if (pg->given_up > 0)
		return; /* the timer repeats the request if this one came too early */
	sr_pg_drain(pg);
	if (sr_pg_idle(pg))
		sr_pg_changed(pg);
}

static void *request(void *arg)
{
	struct pg_cancel *cancel = arg;
	char text[256];
	bool mine;

	PQcancel(cancel->pq, text, sizeof text); /* a failure shows as a statement that does not end */
	pthread_mutex_lock(&cancel->lock);
	mine = cancel->left;
	if (!mine)
		cancel->posted = sr_mailbox_post(cancel->loop, &cancel->job) == 0;
	pthread_mutex_unlock(&cancel->lock);
	if (mine)
		cancel_free(cancel);
	return NULL;
}

int sr_pg_cancel_start(struct sr_pg *pg)
{
	struct pg_cancel *cancel = calloc(1, sizeof *cancel);
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	int rc;

	if (!cancel)
		return -SR_ENOMEM;
	cancel->pq = PQgetCancel(pg->pq);
	if (!cancel->pq) {
		free(cancel);
		return -SR_ESTATE;
	}
	pthread_mutex_init(&cancel->lock, NULL);
	cancel->loop = pg->loop;
	cancel->job = (struct sr_job){.fn = returned, .arg = cancel};
	cancel->pg = pg;

	/* No signal of the program is for this thread, and libpq's send must not raise SIGPIPE. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attributes, request, cancel);
	pthread_attr_destroy(&attributes);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (rc != 0) {
		cancel_free(cancel);
		return -SR_EIO;
	}
	pg->cancel = cancel;
	return 0;
}

void sr_pg_cancel_forget(struct sr_pg *pg)
{
	struct pg_cancel *cancel = pg->cancel;

	if (!cancel)
		return;
	pg->cancel = NULL;
	cancel->pg = NULL;
	pthread_mutex_lock(&cancel->lock);
	cancel->left = !cancel->posted;
	pthread_mutex_unlock(&cancel->lock);
}
