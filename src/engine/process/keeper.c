#include "private.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	pthread_mutex_t lock;
	int fd;           /* our end of the pair; -1: not started */
	pid_t owner, pid; /* this process and the keeper */
	bool used[SR_KEEPER_GROUPS + SR_KEEPER_DIRS];
} keeper = {.lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1};

/* At a regular exit: the keeper does what is left to do before we are gone, and leaves no zombie. */
static void stop_at_exit(void)
{
	if (getpid() != keeper.owner) /* a fork of ours that calls exit() */
		return;
	close(keeper.fd);
	while (waitpid(keeper.pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int start_locked(struct sr_error *err)
{
	if (keeper.fd >= 0)
		return 0;
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return sr_fail_errno(err, SR_EIO, errno, "keeper.start", "no socket pair for the keeper");
	/* The signal mask is inherited: no handler of this program may run in the keeper before it has set its own
	 * dispositions. */
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid_t pid = fork();
	if (pid == 0) {
		sr_keeper_main(pair[1]);
		_exit(0);
	}
	int errnum = errno;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return sr_fail_errno(err, SR_EIO, errnum, "keeper.start", "cannot fork the keeper");
	}
	keeper.fd = pair[0];
	keeper.owner = getpid();
	keeper.pid = pid;
	atexit(stop_at_exit);
	return 0;
}

static int send_message(const struct sr_keeper_message *message, size_t path_len)
{
	size_t len = offsetof(struct sr_keeper_message, path) + path_len;
	ssize_t n;
	do
		n = send(keeper.fd, message, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static int reserve_locked(int first, int count, const char *what, struct sr_error *err)
{
	int rc = start_locked(err);
	if (rc < 0)
		return rc;
	for (int token = first; token < first + count; token++) {
		if (!keeper.used[token]) {
			keeper.used[token] = true;
			return token;
		}
	}
	return sr_fail(err, SR_ELIMIT, "keeper.register", "%d %s at once are the most", count, what);
}

static void release(int token)
{
	pthread_mutex_lock(&keeper.lock);
	keeper.used[token] = false;
	pthread_mutex_unlock(&keeper.lock);
}

static int fail_gone(int token, int rc, struct sr_error *err)
{
	release(token);
	return sr_fail_errno(
	    err, SR_ESTATE, -rc, "keeper.register",
	    "the keeper process, which cleans up when scalerun dies, was killed; start scalerun again");
}

int sr_keeper_start(struct sr_error *err)
{
	pthread_mutex_lock(&keeper.lock);
	int rc = start_locked(err);
	pthread_mutex_unlock(&keeper.lock);
	return rc;
}

int sr_keeper_reserve_group(struct sr_error *err)
{
	pthread_mutex_lock(&keeper.lock);
	int token = reserve_locked(0, SR_KEEPER_GROUPS, "child processes", err);
	pthread_mutex_unlock(&keeper.lock);
	return token;
}

int sr_keeper_announce_group(int token, pid_t group, int signal, int64_t grace)
{
	struct sr_keeper_message message;
	memset(&message, 0, offsetof(struct sr_keeper_message, path));
	message.kind = SR_KEEPER_GROUP;
	message.token = token;
	message.group = group;
	message.signal = signal;
	message.grace = grace;
	return send_message(&message, 0);
}

int sr_keeper_register_group(pid_t group, int signal, int64_t grace, struct sr_error *err)
{
	if (group <= 1)
		return sr_fail(err, SR_EINVAL, "keeper.register", "%d is no process group of a child", (int)group);
	int token = sr_keeper_reserve_group(err);
	if (token < 0)
		return token;
	int rc = sr_keeper_announce_group(token, group, signal, grace);
	return rc < 0 ? fail_gone(token, rc, err) : token;
}

int sr_keeper_register_dir(const char *path, struct sr_error *err)
{
	size_t len = strlen(path);
	if (path[0] != '/' || len >= SR_KEEPER_PATH || strspn(path, "/") == len)
		return sr_fail(err, SR_EINVAL, "keeper.register",
			       "'%.100s' cannot be registered: an absolute path below / of at most %d bytes is needed",
			       path, SR_KEEPER_PATH - 1);
	pthread_mutex_lock(&keeper.lock);
	int token = reserve_locked(SR_KEEPER_GROUPS, SR_KEEPER_DIRS, "temporary folders", err);
	pthread_mutex_unlock(&keeper.lock);
	if (token < 0)
		return token;
	struct sr_keeper_message message;
	memset(&message, 0, offsetof(struct sr_keeper_message, path));
	message.kind = SR_KEEPER_DIR;
	message.token = token;
	memcpy(message.path, path, len + 1);
	int rc = send_message(&message, len + 1);
	return rc < 0 ? fail_gone(token, rc, err) : token;
}

void sr_keeper_forget(int token)
{
	if (token < 0)
		return;
	struct sr_keeper_message message;
	memset(&message, 0, offsetof(struct sr_keeper_message, path));
	message.kind = SR_KEEPER_FORGET;
	message.token = token;
	/* A keeper that is gone has nothing to forget. */
	(void)send_message(&message, 0);
	/* Released only now: the next owner's registration must come behind this message. */
	release(token);
}
