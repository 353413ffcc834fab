/* The parent's ends of a child's pipes. */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHUNK        65536
#define READS_A_TURN 8 /* then others on the loop have their turn */

struct sr_write_op {
	struct sr_op op;
	struct sr_process *process;
	char *data;
	size_t len;
	size_t written;
};

static void close_poll(uv_poll_t *poll, int *fd)
{
	uv_close((uv_handle_t *)poll, sr_process_handle_gone);
	close(*fd);
	*fd = -1;
}

/* ---- output: what the child writes ---------------------------------------------------------------- */

static size_t available(const struct sr_output_pipe *pipe)
{
	return pipe->buf.len - pipe->start;
}

bool sr_pipe_full(const struct sr_output_pipe *pipe)
{
	return available(pipe) >= pipe->buf.max;
}

static void end_output(struct sr_output_pipe *pipe)
{
	if (pipe->fd >= 0)
		close_poll(&pipe->poll, &pipe->fd);
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void watch(struct sr_output_pipe *pipe)
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
		end_output(pipe);
		return;
	}
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct sr_process *process = poll->data;
	struct sr_output_pipe *pipe = &process->out[poll == &process->out[1].poll];
	(void)events;
	if (status < 0)
		end_output(pipe);
	else
		fill(pipe);
	serve(pipe);
	watch(pipe);
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
	watch(pipe);
}

/* ---- input: what the child reads ------------------------------------------------------------------ */

/* write(2) without SIGPIPE, whatever the program does with that signal. */
static ssize_t write_quietly(int fd, const char *data, size_t len)
{
	sigset_t sigpipe, pending, before;
	sigemptyset(&sigpipe);
	sigaddset(&sigpipe, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &sigpipe, &before);
	ssize_t n = write(fd, data, len);
	int errnum = errno;
	if (n < 0 && errnum == EPIPE && !sigismember(&pending, SIGPIPE)) {
		const struct timespec at_once = {0};
		while (sigtimedwait(&sigpipe, NULL, &at_once) < 0 && errno == EINTR)
			;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = errnum;
	return n;
}

static void end_input(struct sr_process *process)
{
	if (process->in.fd >= 0)
		close_poll(&process->in.poll, &process->in.fd);
}

static void on_writable(uv_poll_t *poll, int status, int events);

static void pump(struct sr_process *process)
{
	struct sr_input_pipe *in = &process->in;
	struct sr_write_op *writer = in->writer;
	ssize_t n = 0;
	while (writer->written < writer->len) {
		n = write_quietly(in->fd, writer->data + writer->written, writer->len - writer->written);
		if (n < 0)
			break;
		writer->written += (size_t)n;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		uv_poll_start(&in->poll, UV_WRITABLE, on_writable);
		return;
	}
	int errnum = errno;
	in->writer = NULL;
	uv_poll_stop(&in->poll);
	if (n < 0) {
		end_input(process);
		sr_fail_errno(&writer->op.err, SR_ECLOSED, errnum, writer->op.cls->name,
			      "the process took %zu of %zu bytes on its stdin", writer->written, writer->len);
		sr_op_finish(&writer->op, -SR_ECLOSED);
		return;
	}
	if (in->close_after)
		end_input(process);
	sr_op_finish(&writer->op, 0);
}

static void on_writable(uv_poll_t *poll, int status, int events)
{
	struct sr_process *process = poll->data;
	(void)status;
	(void)events;
	if (process->in.writer)
		pump(process);
}

static void cancel_write(struct sr_op *op, int code)
{
	struct sr_process *process = ((struct sr_write_op *)op)->process;
	process->in.writer = NULL;
	end_input(process);
	sr_op_finish(op, -code);
}

static void free_write(struct sr_op *op)
{
	free(((struct sr_write_op *)op)->data);
	free(op);
}

static const struct sr_op_class write_class = {.name = "process.write", .cancel = cancel_write, .free = free_write};

struct sr_op *sr_process_write_new(struct sr_process *process, const void *data, size_t len)
{
	struct sr_write_op *writer = calloc(1, sizeof(*writer));
	if (!writer)
		return NULL;
	writer->data = malloc(len > 0 ? len : 1);
	if (!writer->data) {
		free(writer);
		return NULL;
	}
	memcpy(writer->data, data, len);
	writer->len = len;
	writer->process = process;
	sr_op_init(&writer->op, process->loop, &write_class);
	return &writer->op;
}

void sr_process_write_start(struct sr_op *op, int64_t timeout)
{
	struct sr_write_op *writer = (struct sr_write_op *)op;
	struct sr_input_pipe *in = &writer->process->in;
	sr_op_begin(op, timeout);
	if (in->fd < 0 || in->close_after) {
		sr_op_fail(op, SR_ESTATE, "stdin of this process is closed, or was never a pipe");
	} else if (in->writer) {
		sr_op_fail(op, SR_ESTATE, "another task writes to stdin of this process");
	} else {
		in->writer = writer;
		pump(writer->process);
	}
}

void sr_process_close_stdin(struct sr_process *process)
{
	if (process->in.writer)
		process->in.close_after = true;
	else
		end_input(process);
}

/* ---- both ----------------------------------------------------------------------------------------- */

static int open_poll(struct sr_process *process, uv_poll_t *poll, int fd, struct sr_error *err)
{
	int rc = uv_poll_init(sr_loop_uv(process->loop), poll, fd);
	if (rc < 0)
		return sr_fail_errno(err, SR_EIO, -rc, "process.spawn", "cannot watch a pipe");
	poll->data = process;
	process->handles++;
	return 0;
}

int sr_pipes_open(struct sr_process *process, int fds[3], size_t max, struct sr_error *err)
{
	process->in.fd = -1;
	for (int i = 0; i < 2; i++) {
		struct sr_output_pipe *pipe = &process->out[i];
		pipe->process = process;
		pipe->fd = -1;
		sr_buf_init(&pipe->buf, max);
	}
	if (fds[0] >= 0) {
		int rc = open_poll(process, &process->in.poll, fds[0], err);
		if (rc < 0)
			return rc;
		process->in.fd = fds[0];
		fds[0] = -1;
	}
	for (int i = 0; i < 2; i++) {
		struct sr_output_pipe *pipe = &process->out[i];
		if (fds[1 + i] < 0)
			continue;
		int rc = open_poll(process, &pipe->poll, fds[1 + i], err);
		if (rc < 0)
			return rc;
		pipe->fd = fds[1 + i];
		fds[1 + i] = -1;
		pipe->piped = true;
		watch(pipe);
	}
	return 0;
}

void sr_pipes_close(struct sr_process *process)
{
	end_input(process);
	end_output(&process->out[0]);
	end_output(&process->out[1]);
}
