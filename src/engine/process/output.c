/* What the child writes: read as it comes into a bounded buffer, handed over as asked. */
#include "private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK        65536
#define READS_A_TURN 8 /* then others on the loop have their turn */

static size_t available(const struct sr_output_pipe *pipe)
{
	return pipe->buf.len - pipe->start;
}

bool sr_pipe_full(const struct sr_output_pipe *pipe)
{
	return available(pipe) >= pipe->buf.max;
}

void sr_output_end(struct sr_output_pipe *pipe)
{
	if (pipe->fd >= 0)
		sr_pipe_close(&pipe->poll, &pipe->fd);
}

static void on_readable(uv_poll_t *poll, int status, int events);

void sr_output_watch(struct sr_output_pipe *pipe)
{
	bool wanted = pipe->fd >= 0 && !sr_pipe_full(pipe);
	if (wanted == pipe->polling)
		return;
	pipe->polling = wanted;
	if (wanted)
		uv_poll_start(&pipe->poll, UV_READABLE, on_readable);
	else if (pipe->fd >= 0)
		uv_poll_stop(&pipe->poll);
}

/* Gives the first len bytes to the reader and drops `skip` more. */
static void hand_over(struct sr_output_pipe *pipe, size_t len, size_t skip)
{
	struct sr_process_read *reader = pipe->reader;
	int rc = sr_buf_append(&reader->data, pipe->buf.data + pipe->start, len);
	pipe->start += len + skip;
	pipe->scanned = 0;
	pipe->reader = NULL;
	if (pipe->start == pipe->buf.len) {
		sr_buf_clear(&pipe->buf);
		pipe->start = 0;
	}
	if (rc < 0)
		sr_op_fail(&reader->op, -rc, "no memory for %zu bytes of output", len);
	else
		sr_op_finish(&reader->op, 0);
}

static void serve_end(struct sr_output_pipe *pipe)
{
	struct sr_process_read *reader = pipe->reader;
	if (available(pipe) > 0) {
		hand_over(pipe, available(pipe), 0);
		return;
	}
	pipe->reader = NULL;
	reader->eof = true;
	sr_op_finish(&reader->op, 0);
}

static void serve(struct sr_output_pipe *pipe)
{
	struct sr_process_read *reader = pipe->reader;
	if (!reader)
		return;
	size_t have = available(pipe);
	if (reader->mode == SR_READ_SOME && have > 0) {
		hand_over(pipe, have, 0);
		return;
	}
	if (reader->mode == SR_READ_LINE && have > pipe->scanned) {
		const char *start = pipe->buf.data + pipe->start;
		const char *newline = memchr(start + pipe->scanned, '\n', have - pipe->scanned);
		if (newline) {
			hand_over(pipe, (size_t)(newline - start), 1);
			return;
		}
		pipe->scanned = have;
	}
	if (pipe->fd < 0) {
		serve_end(pipe);
	} else if (sr_pipe_full(pipe)) {
		pipe->reader = NULL;
		sr_op_fail(&reader->op, SR_ELIMIT, "more than %zu bytes of output %s", pipe->buf.max,
			   reader->mode == SR_READ_LINE ? "in one line" : "to keep");
	}
}

static void fill(struct sr_output_pipe *pipe)
{
	sr_buf_consume(&pipe->buf, pipe->start);
	pipe->start = 0;
	for (int i = 0; i < READS_A_TURN && !sr_pipe_full(pipe); i++) {
		size_t room = pipe->buf.max - pipe->buf.len;
		if (room > CHUNK)
			room = CHUNK;
		ssize_t n = -1;
		errno = ENOMEM;
		if (sr_buf_reserve(&pipe->buf, room) == 0)
			n = read(pipe->fd, pipe->buf.data + pipe->buf.len, room);
		if (n > 0) {
			pipe->buf.len += (size_t)n;
			continue;
		}
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		sr_output_end(pipe);
		return;
	}
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct sr_process *process = poll->data;
	struct sr_output_pipe *pipe = &process->out[poll == &process->out[1].poll];
	(void)events;
	if (status < 0)
		sr_output_end(pipe);
	else
		fill(pipe);
	serve(pipe);
	sr_output_watch(pipe);
	sr_process_settle(process);
}

static void cancel_read(struct sr_op *op, int code)
{
	struct sr_process_read *read_op = (struct sr_process_read *)op;
	read_op->process->out[read_op->fd - 1].reader = NULL;
	sr_op_finish(op, -code);
}

static void free_read(struct sr_op *op)
{
	struct sr_process_read *read_op = (struct sr_process_read *)op;
	sr_buf_deinit(&read_op->data);
	free(read_op);
}

static const struct sr_op_class read_class = {.name = "process.read", .cancel = cancel_read, .free = free_read};

struct sr_process_read *sr_process_read_new(struct sr_process *process, int fd, enum sr_process_read_mode mode)
{
	struct sr_process_read *read_op = calloc(1, sizeof(*read_op));
	if (!read_op)
		return NULL;
	sr_op_init(&read_op->op, process->loop, &read_class);
	read_op->process = process;
	read_op->fd = fd;
	read_op->mode = mode;
	sr_buf_init(&read_op->data, process->out[fd - 1].buf.max);
	return read_op;
}

void sr_process_read_start(struct sr_process_read *read_op, int64_t timeout)
{
	struct sr_output_pipe *pipe = &read_op->process->out[read_op->fd - 1];
	sr_op_begin(&read_op->op, timeout);
	if (!pipe->piped) {
		sr_op_fail(&read_op->op, SR_EINVAL, "%s of this process is not a pipe",
			   read_op->fd == 1 ? "stdout" : "stderr");
		return;
	}
	if (pipe->reader) {
		sr_op_fail(&read_op->op, SR_ESTATE, "another task reads %s of this process",
			   read_op->fd == 1 ? "stdout" : "stderr");
		return;
	}
	pipe->reader = read_op;
	serve(pipe);
	sr_output_watch(pipe);
}
