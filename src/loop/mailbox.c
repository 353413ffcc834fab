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

int sr_mailbox_post(struct sr_loop *loop, struct sr_job *job)
{
	bool closed, first = false;

	pthread_mutex_lock(&loop->mailbox.lock);
	closed = loop->mailbox.closed;
	if (!closed) {
		first = !loop->mailbox.mail.head;
		sr_queue_push(&loop->mailbox.mail, job);
	}
	pthread_mutex_unlock(&loop->mailbox.lock);
	if (closed)
		return -SR_ESTATE;
	if (first) /* the earlier letters' wake-up serves the later ones */
		sr_loop_wake(loop);
	return 0;
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
