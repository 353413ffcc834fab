#include "private.h"

#include "scalerun/base/clock.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_PIPE_MAX (1 << 20)
#define DEFAULT_GRACE    (5 * SR_S)

/* ---- the end of the child ------------------------------------------------------------------------- */

static void release(void *arg)
{
	struct sr_process *process = arg;
	void (*closed)(void *) = process->closed;
	void *closed_arg = process->closed_arg;
	sr_buf_deinit(&process->out[0].buf);
	sr_buf_deinit(&process->out[1].buf);
	free(process);
	if (closed)
		closed(closed_arg);
}

static void release_when_done(struct sr_process *process)
{
	if (process->closing && process->handles == 0)
		sr_loop_defer(process->loop, &process->closed_job);
}

void sr_process_handle_gone(uv_handle_t *handle)
{
	struct sr_process *process = handle->data;
	process->handles--;
	release_when_done(process);
}

static void reap(struct sr_process *process)
{
	int status = 0;
	/* While its leader is unreaped, the group's number cannot name another group: so the rest of the group
	 * is killed first. */
	kill(-process->pid, SIGKILL);
	while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
		;
	sr_keeper_forget(process->token);
	process->status.ended = true;
	process->status.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	process->status.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static bool has_exited(pid_t pid)
{
	siginfo_t info = {0};
	return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid;
}

static void on_exit_poll(uv_poll_t *poll, int status, int events)
{
	struct sr_process *process = poll->data;
	(void)status;
	(void)events;
	if (!has_exited(process->pid))
		return;
	reap(process);
	uv_close((uv_handle_t *)poll, sr_process_handle_gone);
	close(process->pidfd);
	sr_process_settle(process);
}

/* ---- spawn ---------------------------------------------------------------------------------------- */

static int watch_exit(struct sr_process *process, struct sr_error *err)
{
	process->pidfd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	if (process->pidfd < 0)
		return sr_fail_errno(err, SR_EIO, errno, "process.spawn", "cannot watch process %d", (int)process->pid);
	int rc = uv_poll_init(sr_loop_uv(process->loop), &process->exit_poll, process->pidfd);
	if (rc < 0) {
		close(process->pidfd);
		return sr_fail_errno(err, SR_EIO, -rc, "process.spawn", "cannot watch process %d", (int)process->pid);
	}
	process->handles++;
	process->exit_poll.data = process;
	uv_poll_start(&process->exit_poll, UV_READABLE, on_exit_poll);
	return 0;
}

static int launch(struct sr_process *process, struct sr_spawn_plan *plan, struct sr_error *err)
{
	plan->token = sr_keeper_reserve_group(err);
	if (plan->token < 0)
		return plan->token;
	int rc = sr_spawn(plan, &process->pid, err);
	if (rc < 0) {
		sr_keeper_forget(plan->token);
		return rc;
	}
	process->token = plan->token;
	rc = watch_exit(process, err);
	if (rc < 0)
		reap(process);
	return rc;
}

int sr_process_spawn(struct sr_process **result, struct sr_loop *loop, const struct sr_process_options *options,
		     struct sr_error *err)
{
	struct sr_process *process = calloc(1, sizeof(*process));
	if (!process)
		return sr_fail(err, SR_ENOMEM, "process.spawn", "out of memory");
	process->loop = loop;
	process->closed_job = (struct sr_job){.fn = release, .arg = process};
	process->stop_signal = options->stop_signal > 0 ? options->stop_signal : SIGTERM;
	process->grace = options->grace > 0 ? options->grace : DEFAULT_GRACE;
	struct sr_spawn_plan plan = {.stop_signal = process->stop_signal, .grace = process->grace};
	int rc = sr_plan_build(&plan, options, err);
	if (rc < 0) {
		free(process);
		return rc;
	}
	int ours[3];
	rc = sr_stdio_open(options, ours, plan.stdio, err);
	if (rc == 0)
		rc = launch(process, &plan, err);
	sr_plan_free(&plan);
	sr_stdio_close(plan.stdio);
	if (rc < 0) {
		sr_stdio_close(ours);
		free(process);
		return rc;
	}
	rc = sr_pipes_open(process, ours, options->pipe_max > 0 ? options->pipe_max : DEFAULT_PIPE_MAX, err);
	sr_stdio_close(ours);
	if (rc < 0) {
		sr_process_close(process, NULL, NULL);
		return rc;
	}
	*result = process;
	return 0;
}

pid_t sr_process_pid(const struct sr_process *process)
{
	return process->pid;
}

struct sr_process_status sr_process_status(const struct sr_process *process)
{
	return process->status;
}

int sr_process_signal(struct sr_process *process, int sig, struct sr_error *err)
{
	if (sig < 1 || sig >= _NSIG)
		return sr_fail(err, SR_EINVAL, "process.kill", "%d is no signal", sig);
	if (process->status.ended)
		return sr_fail(err, SR_ESTATE, "process.kill", "process %d has ended", (int)process->pid);
	if (kill(process->pid, sig) < 0)
		return sr_fail_errno(err, SR_EIO, errno, "process.kill", "cannot signal process %d", (int)process->pid);
	return 0;
}

void sr_process_close(struct sr_process *process, void (*closed)(void *arg), void *arg)
{
	process->closing = true;
	process->closed = closed;
	process->closed_arg = arg;
	sr_pipes_close(process);
	if (!process->status.ended)
		kill(-process->pid, SIGKILL);
	release_when_done(process);
}
