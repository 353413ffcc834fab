/* What the child reads. */
#include "private.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct sr_write_op {
	struct sr_op op;
	struct sr_process *process;
	char *data;
	size_t len;
	size_t written;
};

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

void sr_input_end(struct sr_process *process)
{
	if (process->in.fd >= 0)
		sr_pipe_close(&process->in.poll, &process->in.fd);
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
		sr_input_end(process);
		sr_fail_errno(&writer->op.err, SR_ECLOSED, errnum, writer->op.cls->name,
			      "the process took %zu of %zu bytes on its stdin", writer->written, writer->len);
		sr_op_finish(&writer->op, -SR_ECLOSED);
		return;
	}
	if (in->close_after)
		sr_input_end(process);
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
	sr_input_end(process);
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
		sr_input_end(process);
}
