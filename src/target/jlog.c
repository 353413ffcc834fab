#include "jlog.h"

#include "jsonw.h"

#include "scalerun/base/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define SR_JLOG_MAX    (1024 * 1024)
#define SR_JLOG_GATHER (5 * SR_MS) /* lines of this long leave in one write */

struct sr_jlog {
	int fd;
	enum sr_log_level level;
	const char *replica;
	pthread_t writer;
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct sr_buf pending;
	int64_t dropped;
	int64_t stop_by; /* 0 while running */
};

static int64_t stop_by(struct sr_jlog *log)
{
	int64_t deadline;

	pthread_mutex_lock(&log->lock);
	deadline = log->stop_by;
	pthread_mutex_unlock(&log->lock);
	return deadline;
}

/* Writes all of it, however slow the reader is, unless the log is to stop. */
static void write_all(struct sr_jlog *log, const char *data, size_t len)
{
	while (len > 0) {
		struct pollfd pfd = {.fd = log->fd, .events = POLLOUT};
		int64_t deadline = stop_by(log);
		ssize_t n;

		if (deadline && sr_now() > deadline)
			return;
		if (poll(&pfd, 1, 100) == 0)
			continue;
		/* at most PIPE_BUF, which a writable pipe takes without blocking */
		n = write(log->fd, data, len < 4096 ? len : 4096);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return;
		if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

static void *run_writer(void *arg)
{
	struct sr_jlog *log = arg;
	struct timespec gather = {.tv_nsec = SR_JLOG_GATHER};
	bool stop = false;

	while (!stop) {
		struct sr_buf batch;

		pthread_mutex_lock(&log->lock);
		while (log->pending.len == 0 && !log->stop_by)
			pthread_cond_wait(&log->filled, &log->lock);
		stop = log->stop_by != 0;
		pthread_mutex_unlock(&log->lock);
		if (!stop)
			nanosleep(&gather, NULL);
		pthread_mutex_lock(&log->lock);
		batch = log->pending;
		sr_buf_init(&log->pending, SR_JLOG_MAX);
		pthread_mutex_unlock(&log->lock);
		write_all(log, batch.data, batch.len);
		sr_buf_deinit(&batch);
	}
	return NULL;
}

struct sr_jlog *sr_jlog_new(int fd, enum sr_log_level level, const char *replica)
{
	struct sr_jlog *log = calloc(1, sizeof(*log));

	if (!log)
		return NULL;
	log->fd = fd;
	log->level = level;
	log->replica = replica;
	sr_buf_init(&log->pending, SR_JLOG_MAX);
	pthread_mutex_init(&log->lock, NULL);
	pthread_cond_init(&log->filled, NULL);
	if (pthread_create(&log->writer, NULL, run_writer, log)) {
		free(log);
		return NULL;
	}
	return log;
}

void sr_jlog_stop(struct sr_jlog *log)
{
	pthread_mutex_lock(&log->lock);
	log->stop_by = sr_now() + SR_S;
	pthread_cond_signal(&log->filled);
	pthread_mutex_unlock(&log->lock);
	pthread_join(log->writer, NULL);
}

void sr_jlog_free(struct sr_jlog *log)
{
	if (!log)
		return;
	pthread_cond_destroy(&log->filled);
	pthread_mutex_destroy(&log->lock);
	sr_buf_deinit(&log->pending);
	free(log);
}

static void begin_line(struct sr_jlog *log, struct sr_jsonw *line, enum sr_log_level level)
{
	static const char *const names[] = {
	    [SR_LOG_ERROR] = "error", [SR_LOG_WARN] = "warn", [SR_LOG_INFO] = "info", [SR_LOG_DEBUG] = "debug"};
	char time[25];

	sr_wall_format(sr_wall_now(), time);
	sr_jsonw_init(line, 64 * 1024);
	sr_jsonw_begin(line, '{');
	sr_jsonw_key(line, "time");
	sr_jsonw_string(line, time);
	sr_jsonw_key(line, "level");
	sr_jsonw_string(line, names[level]);
	sr_jsonw_key(line, "replica");
	sr_jsonw_string(line, log->replica);
}

static void end_line(struct sr_jlog *log, struct sr_jsonw *line)
{
	sr_jsonw_end(line, '}');
	pthread_mutex_lock(&log->lock);
	if (line->error || sr_buf_append(&line->buf, "\n", 1) ||
	    sr_buf_append(&log->pending, line->buf.data, line->buf.len))
		log->dropped++;
	else if (log->pending.len == line->buf.len)
		pthread_cond_signal(&log->filled);
	pthread_mutex_unlock(&log->lock);
	sr_jsonw_deinit(line);
}

void sr_jlog_request(struct sr_jlog *log, const struct sr_jlog_request *request)
{
	enum sr_log_level level = request->status >= 500   ? SR_LOG_ERROR
				  : request->status >= 400 ? SR_LOG_WARN
							   : SR_LOG_INFO;
	struct sr_jsonw line;

	if (level > log->level)
		return;
	begin_line(log, &line, level);
	sr_jsonw_key(&line, "method");
	sr_jsonw_string(&line, request->method);
	sr_jsonw_key(&line, "path");
	sr_jsonw_string(&line, request->path);
	sr_jsonw_key(&line, "status_code");
	sr_jsonw_int(&line, request->status);
	sr_jsonw_key(&line, "duration_ms");
	sr_jsonw_number(&line, (double)request->duration / (double)SR_MS, 3);
	sr_jsonw_key(&line, "project_id");
	sr_jsonw_string(&line, request->project);
	end_line(log, &line);
}

void sr_jlog_event(struct sr_jlog *log, enum sr_log_level level, const char *event, const char *fmt, ...)
{
	struct sr_jsonw line;
	char text[1024];
	va_list ap;

	if (level > log->level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	begin_line(log, &line, level);
	sr_jsonw_key(&line, "event");
	sr_jsonw_string(&line, event);
	sr_jsonw_key(&line, "message");
	sr_jsonw_string(&line, text);
	end_line(log, &line);
}

int64_t sr_jlog_dropped(struct sr_jlog *log)
{
	int64_t dropped;

	pthread_mutex_lock(&log->lock);
	dropped = log->dropped;
	pthread_mutex_unlock(&log->lock);
	return dropped;
}
