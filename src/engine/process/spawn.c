#include "private.h"

#include "scalerun/base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXEC_TIME (10 * SR_S) /* for a program on a slow file system */

struct report {
	enum sr_spawn_stage stage;
	int errnum;
};

/* ---- between fork and exec: async-signal-safe calls only ------------------------------------------ */

static void child_fail(int status_fd, enum sr_spawn_stage stage, int errnum)
{
	struct report report = {.stage = stage, .errnum = errnum};
	if (write(status_fd, &report, sizeof(report)) < 0)
		_exit(126);
	_exit(127);
}

static void child_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	for (int sig = 1; sig < _NSIG; sig++)
		sigaction(sig, &action, NULL);
}

/* Raw system calls: glibc's set*id functions synchronise threads that this fork does not have. */
static int child_user(const struct sr_spawn_plan *plan)
{
	if (syscall(SYS_setgroups, 0, NULL) < 0)
		return -1;
	if (syscall(SYS_setresgid, plan->gid, plan->gid, plan->gid) < 0)
		return -1;
	return (int)syscall(SYS_setresuid, plan->uid, plan->uid, plan->uid);
}

static int child_exec(const struct sr_spawn_plan *plan)
{
	int errnum = ENOENT;
	for (char *const *path = plan->candidates; *path; path++) {
		execve(*path, plan->argv, plan->envp);
		if (errno == ENOENT || errno == ENOTDIR)
			continue;
		errnum = errno;
		if (errnum != EACCES)
			break;
	}
	return errnum;
}

static void child_main(const struct sr_spawn_plan *plan, int status_fd, pid_t parent)
{
	child_signals();
	if (setpgid(0, 0) < 0)
		child_fail(status_fd, SR_SPAWN_GROUP, errno);
	for (int i = 0; i < 3; i++)
		if (dup2(plan->stdio[i], i) < 0)
			child_fail(status_fd, SR_SPAWN_STDIO, errno);
	if (plan->set_user && child_user(plan) < 0)
		child_fail(status_fd, SR_SPAWN_USER, errno);
	if (plan->cwd && chdir(plan->cwd) < 0)
		child_fail(status_fd, SR_SPAWN_CWD, errno);
	/* A change of user clears it, so only now; the parent may have died before, so look after. */
	if (prctl(PR_SET_PDEATHSIG, plan->stop_signal) < 0 || getppid() != parent)
		child_fail(status_fd, SR_SPAWN_PARENT, ESRCH);
	int rc = sr_keeper_announce_group(plan->token, getpid(), plan->stop_signal, plan->grace);
	if (rc < 0)
		child_fail(status_fd, SR_SPAWN_KEEPER, -rc);
	/* Descriptors that a library opened without close-on-exec are none of the child's. A kernel without
	 * this call leaves them open. */
	syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	child_fail(status_fd, SR_SPAWN_EXEC, child_exec(plan));
}

/* ---- the spawning thread -------------------------------------------------------------------------- */

struct job {
	const struct sr_spawn_plan *plan;
	pid_t pid;
	struct sr_error *err;
	int status;
	bool done;
};

static struct {
	pthread_mutex_t turn; /* one caller at a time */
	pthread_mutex_t lock; /* job */
	pthread_cond_t changed;
	bool started;
	struct job *job;
} spawner = {.turn = PTHREAD_MUTEX_INITIALIZER, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int fail_report(const struct sr_spawn_plan *plan, const struct report *report, struct sr_error *err)
{
	const char *program = plan->argv[0];
	int errnum = report->errnum;
	switch (report->stage) {
	case SR_SPAWN_EXEC:
		return sr_fail_errno(err, SR_EIO, errnum, "process.spawn", "cannot run '%.200s'", program);
	case SR_SPAWN_CWD:
		return sr_fail_errno(err, SR_EIO, errnum, "process.spawn", "cannot run '%.100s' in the folder '%.200s'",
				     program, plan->cwd);
	case SR_SPAWN_USER:
		return sr_fail_errno(err, SR_EIO, errnum, "process.spawn", "cannot run '%.200s' as user %u, group %u",
				     program, (unsigned)plan->uid, (unsigned)plan->gid);
	case SR_SPAWN_KEEPER:
		return sr_fail_errno(
		    err, SR_ESTATE, errnum, "process.spawn",
		    "the keeper process, which cleans up when scalerun dies, was killed; start scalerun again");
	case SR_SPAWN_GROUP:
	case SR_SPAWN_STDIO:
	case SR_SPAWN_PARENT:
		break;
	}
	return sr_fail_errno(err, SR_EIO, errnum, "process.spawn", "cannot set up a process for '%.200s'", program);
}

/* Waits for the exec, which closes the child's end of the pipe, or for the child's report of a failure. */
static int await_exec(const struct sr_spawn_plan *plan, int fd, pid_t pid, struct sr_error *err)
{
	struct report report;
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	int64_t end = sr_now() + EXEC_TIME;
	int n;
	do {
		int64_t left = end - sr_now();
		n = poll(&ready, 1, left > 0 ? (int)(left / SR_MS) + 1 : 0);
	} while (n < 0 && errno == EINTR);
	ssize_t got = 0;
	if (n > 0)
		got = read(fd, &report, sizeof(report));
	if (n > 0 && got != (ssize_t)sizeof(report))
		return 0;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (n > 0)
		return fail_report(plan, &report, err);
	return sr_fail(err, SR_ETIMEOUT, "process.spawn", "'%.200s' did not start within %d s", plan->argv[0],
		       (int)(EXEC_TIME / SR_S));
}

static int fork_child(const struct sr_spawn_plan *plan, pid_t *pid, struct sr_error *err)
{
	int pipe_fds[2];
	if (pipe2(pipe_fds, O_CLOEXEC) < 0)
		return sr_fail_errno(err, SR_EIO, errno, "process.spawn", "no pipe to the new process");
	pid_t parent = getpid();
	*pid = fork();
	if (*pid == 0)
		child_main(plan, pipe_fds[1], parent);
	int errnum = errno;
	close(pipe_fds[1]);
	int rc = *pid < 0 ? sr_fail_errno(err, SR_EIO, errnum, "process.spawn", "cannot fork")
			  : await_exec(plan, pipe_fds[0], *pid, err);
	close(pipe_fds[0]);
	return rc;
}

static void *spawner_main(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&spawner.lock);
	for (;;) {
		while (!spawner.job)
			pthread_cond_wait(&spawner.changed, &spawner.lock);
		struct job *job = spawner.job;
		spawner.job = NULL;
		job->status = fork_child(job->plan, &job->pid, job->err);
		job->done = true;
		pthread_cond_broadcast(&spawner.changed);
	}
	return NULL;
}

static int start_spawner(struct sr_error *err)
{
	if (spawner.started)
		return 0;
	pthread_t thread;
	pthread_attr_t attr;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	/* The thread inherits the mask: it takes no signal, and the child none before it has set its own. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int errnum = pthread_create(&thread, &attr, spawner_main, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (errnum != 0)
		return sr_fail_errno(err, SR_EIO, errnum, "process.spawn", "no thread to start processes from");
	spawner.started = true;
	return 0;
}

int sr_spawn(const struct sr_spawn_plan *plan, pid_t *pid, struct sr_error *err)
{
	struct job job = {.plan = plan, .err = err};
	pthread_mutex_lock(&spawner.turn);
	int rc = start_spawner(err);
	if (rc == 0) {
		pthread_mutex_lock(&spawner.lock);
		spawner.job = &job;
		pthread_cond_broadcast(&spawner.changed);
		while (!job.done)
			pthread_cond_wait(&spawner.changed, &spawner.lock);
		pthread_mutex_unlock(&spawner.lock);
		rc = job.status;
		*pid = job.pid;
	}
	pthread_mutex_unlock(&spawner.turn);
	return rc;
}
