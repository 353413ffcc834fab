/* The parent's ends of a child's pipes: opened and closed. */
#include "private.h"

#include <unistd.h>

void sr_pipe_close(uv_poll_t *poll, int *fd)
{
	uv_close((uv_handle_t *)poll, sr_process_handle_gone);
	close(*fd);
	*fd = -1;
}

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
		sr_output_watch(pipe);
	}
	return 0;
}

void sr_pipes_close(struct sr_process *process)
{
	sr_input_end(process);
	sr_output_end(&process->out[0]);
	sr_output_end(&process->out[1]);
}
