#include "scalerun/loop/mailbox.h"

#include "loop_private.h"

static void collect(uv_async_t *async)
{
	struct sr_loop *loop = async->data;
	struct sr_queue mail;
	struct sr_job *job;

	pthread_mutex_lock(&loop->mailbox.lock);
	mail = loop->mailbox.mail;
	loop->mailbox.mail = (struct sr_queue){0};
	pthread_mutex_unlock(&loop->mailbox.lock);
	while ((job = sr_queue_pop(&mail)))
		sr_loop_defer(loop, job);
}

int sr_mailbox_init(struct sr_loop *loop, struct sr_error *err)
{
	int rc = uv_async_init(&loop->uv, &loop->mailbox.async, collect);

	if (rc < 0)
		return sr_fail(err, SR_EIO, "loop.new", "cannot create the loop's mailbox: %s", uv_strerror(rc));
	loop->mailbox.async.data = loop;
	loop->open++;
	pthread_mutex_init(&loop->mailbox.lock, NULL);
	return 0;
}

/* The wake-up is sent under the lock: who takes the job may go on to free the loop, and its
 * sr_mailbox_close then waits until this function is done with the handle. */
int sr_mailbox_post(struct sr_loop *loop, struct sr_job *job)
{
	struct sr_mailbox *mailbox = &loop->mailbox;
	bool closed;

	pthread_mutex_lock(&mailbox->lock);
	closed = mailbox->closed;
	if (!closed) {
		if (!mailbox->mail.head) /* else an earlier letter's wake-up is still under way */
			uv_async_send(&mailbox->async);
		sr_queue_push(&mailbox->mail, job);
	}
	pthread_mutex_unlock(&mailbox->lock);
	return closed ? -SR_ESTATE : 0;
}

void sr_mailbox_close(struct sr_loop *loop)
{
	pthread_mutex_lock(&loop->mailbox.lock);
	loop->mailbox.closed = true;
	pthread_mutex_unlock(&loop->mailbox.lock);
	collect(&loop->mailbox.async);
}

void sr_mailbox_close_handle(struct sr_loop *loop)
{
	uv_close((uv_handle_t *)&loop->mailbox.async, sr_handle_closed);
}

void sr_mailbox_deinit(struct sr_loop *loop)
{
	pthread_mutex_destroy(&loop->mailbox.lock);
}
