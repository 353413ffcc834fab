#include "mcp/stream.h"

#include "scalerun/base/buf.h"
#include "scalerun/base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SR_STREAM_MAX   (8 * 1024 * 1024)
#define SR_STREAM_QUIET (10 * SR_S)

struct sr_stream {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_t thread;
	struct sr_buf buf; /* not yet read */
	bool ended;        /* the work has returned, or an event did not fit */
	bool closed;       /* nobody reads any more */
	sr_stream_work *work;
	void (*release)(void *arg);
	void *arg;
};

static void *run(void *arg)
{
	struct sr_stream *stream = arg;

	stream->work(stream, stream->arg);
	pthread_mutex_lock(&stream->lock);
	stream->ended = true;
	pthread_cond_signal(&stream->changed);
	pthread_mutex_unlock(&stream->lock);
	return NULL;
}

struct sr_stream *sr_stream_new(sr_stream_work *work, void (*release)(void *arg), void *arg)
{
	struct sr_stream *stream = calloc(1, sizeof(*stream));
	pthread_condattr_t attr;

	if (!stream)
		return NULL;
	stream->work = work;
	stream->release = release;
	stream->arg = arg;
	sr_buf_init(&stream->buf, SR_STREAM_MAX);
	pthread_mutex_init(&stream->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&stream->changed, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_create(&stream->thread, NULL, run, stream) == 0)
		return stream;
	pthread_cond_destroy(&stream->changed);
	pthread_mutex_destroy(&stream->lock);
	free(stream);
	return NULL;
}

void sr_stream_free(struct sr_stream *stream)
{
	if (!stream)
		return;
	pthread_mutex_lock(&stream->lock);
	stream->closed = true;
	pthread_mutex_unlock(&stream->lock);
	pthread_join(stream->thread, NULL);
	stream->release(stream->arg);
	sr_buf_deinit(&stream->buf);
	pthread_cond_destroy(&stream->changed);
	pthread_mutex_destroy(&stream->lock);
	free(stream);
}

void sr_stream_send(struct sr_stream *stream, const char *json)
{
	static const char head[] = "event: message\ndata: ";

	pthread_mutex_lock(&stream->lock);
	if (!stream->closed && !stream->ended) {
		/* one event whole or the end of the stream: half a message would be taken for one */
		if (sr_buf_reserve(&stream->buf, strlen(head) + strlen(json) + 2)) {
			stream->ended = true;
		} else {
			sr_buf_append(&stream->buf, head, strlen(head));
			sr_buf_append(&stream->buf, json, strlen(json));
			sr_buf_append(&stream->buf, "\n\n", 2);
		}
		pthread_cond_signal(&stream->changed);
	}
	pthread_mutex_unlock(&stream->lock);
}

bool sr_stream_open(struct sr_stream *stream)
{
	bool open;

	pthread_mutex_lock(&stream->lock);
	open = !stream->closed;
	pthread_mutex_unlock(&stream->lock);
	return open;
}

/* Waits for bytes or the end. False: nothing came for a while. */
static bool wait_for_more(struct sr_stream *stream)
{
	int64_t until = sr_now() + SR_STREAM_QUIET;
	struct timespec time = {.tv_sec = until / SR_S, .tv_nsec = until % SR_S};

	while (stream->buf.len == 0 && !stream->ended) {
		if (pthread_cond_timedwait(&stream->changed, &stream->lock, &time))
			return stream->buf.len > 0 || stream->ended;
	}
	return true;
}

ssize_t sr_stream_read(void *arg, uint64_t position, char *out, size_t max)
{
	struct sr_stream *stream = arg;
	ssize_t len;

	(void)position;
	pthread_mutex_lock(&stream->lock);
	if (!wait_for_more(stream))
		sr_buf_append(&stream->buf, ": still here\n\n", 14);
	len = (ssize_t)(stream->buf.len < max ? stream->buf.len : max);
	memcpy(out, stream->buf.data, (size_t)len);
	sr_buf_consume(&stream->buf, (size_t)len);
	pthread_mutex_unlock(&stream->lock);
	return len > 0 ? len : -1;
}
