/* The keeper's side. A fork of a process that may have threads: system calls, static tables and the
 * stack, nothing else. */
#include "private.h"

#include "scalerun/base/clock.h"
#include "scalerun/engine/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TICK        (10 * SR_MS) /* between two looks at what still lives */
#define AFTER_KILL  (2 * SR_S)   /* SIGKILL needs this long at most, but for a process stuck in the kernel */
#define REMOVE_TIME (5 * SR_S)   /* descendants outside the groups may still write while they end */

static struct {
	pid_t group; /* 0: free */
	int signal;
	int64_t grace;
	bool killed;
	bool living;
} groups[SR_KEEPER_GROUPS];

static char dirs[SR_KEEPER_DIRS][SR_KEEPER_PATH]; /* "": free */

static int64_t now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * SR_S + ts.tv_nsec;
}

static void nap(void)
{
	const struct timespec tick = {.tv_nsec = TICK};
	nanosleep(&tick, NULL);
}

static void take(const struct sr_keeper_message *message)
{
	int token = message->token;
	int dir = token - SR_KEEPER_GROUPS;
	switch (message->kind) {
	case SR_KEEPER_GROUP:
		groups[token].group = message->group;
		groups[token].signal = message->signal;
		groups[token].grace = message->grace;
		return;
	case SR_KEEPER_DIR:
		memcpy(dirs[dir], message->path, SR_KEEPER_PATH);
		return;
	case SR_KEEPER_FORGET:
		if (dir >= 0)
			dirs[dir][0] = 0;
		else
			groups[token].group = 0;
		return;
	}
}

static void listen_to_parent(int fd)
{
	struct sr_keeper_message message;
	for (;;) {
		ssize_t n = recv(fd, &message, sizeof(message), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		if ((size_t)n >= offsetof(struct sr_keeper_message, path) && message.token >= 0 &&
		    message.token < SR_KEEPER_GROUPS + SR_KEEPER_DIRS)
			take(&message);
	}
}

/* Looks at every process and notes which groups still have one that is not a zombie: where nobody reaps orphans, as in
 * many containers, kill(2) alone would find a group for ever. Returns -1 without /proc. */
static int note_living(void)
{
	struct sr_scan scan;
	struct sr_process_entry entry;
	if (sr_scan_open(&scan) < 0)
		return -1;
	for (int i = 0; i < SR_KEEPER_GROUPS; i++)
		groups[i].living = false;
	while (sr_scan_next(&scan, &entry))
		for (int i = 0; i < SR_KEEPER_GROUPS && !entry.zombie; i++)
			if (groups[i].group == entry.group)
				groups[i].living = true;
	sr_scan_close(&scan);
	return 0;
}

static bool is_gone(int i, bool looked)
{
	if (kill(-groups[i].group, 0) < 0 && errno == ESRCH)
		return true;
	return looked && !groups[i].living;
}

static void end_groups(void)
{
	int64_t start = now();
	int64_t last = start;
	for (int i = 0; i < SR_KEEPER_GROUPS; i++) {
		if (groups[i].group == 0)
			continue;
		kill(-groups[i].group, groups[i].signal);
		kill(-groups[i].group, SIGCONT); /* a stopped process sees no other signal */
		if (start + groups[i].grace > last)
			last = start + groups[i].grace;
	}
	for (;;) {
		int alive = 0;
		int64_t t = now();
		bool looked = note_living() == 0;
		for (int i = 0; i < SR_KEEPER_GROUPS; i++) {
			if (groups[i].group == 0)
				continue;
			if (is_gone(i, looked)) {
				groups[i].group = 0;
				continue;
			}
			if (!groups[i].killed && t >= start + groups[i].grace) {
				kill(-groups[i].group, SIGKILL);
				groups[i].killed = true;
			}
			alive++;
		}
		if (alive == 0 || t >= last + AFTER_KILL)
			return;
		nap();
	}
}

static void remove_dirs(void)
{
	int64_t end = now() + REMOVE_TIME;
	for (;;) {
		int left = 0;
		for (int i = 0; i < SR_KEEPER_DIRS; i++) {
			if (dirs[i][0] == 0)
				continue;
			if (sr_tree_remove(dirs[i]) == 0)
				dirs[i][0] = 0;
			else
				left++;
		}
		if (left == 0 || now() >= end)
			return;
		nap();
	}
}

/* Keeps fd only, as descriptor 3, and /dev/null as the standard three: a pipe that the keeper held open
 * would keep its reader waiting after this program has ended. */
static int shed_descriptors(int fd)
{
	if (fd != 3 && dup2(fd, 3) < 0)
		return -1;
	if (syscall(SYS_close_range, 4U, ~0U, 0U) < 0) {
		struct rlimit limit;
		if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
			for (rlim_t i = 4; i < limit.rlim_cur; i++)
				close((int)i);
	}
	int null = open("/dev/null", O_RDWR);
	for (int i = 0; i < 3 && null >= 0; i++)
		dup2(null, i);
	if (null > 3)
		close(null);
	return 3;
}

static void settle_signals(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};
	for (int sig = 1; sig < _NSIG; sig++)
		if (sig != SIGKILL && sig != SIGSTOP)
			signal(sig, SIG_DFL);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigset_t none;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

void sr_keeper_main(int fd)
{
	settle_signals();
	setsid();
	prctl(PR_SET_NAME, "sr-keeper");
	prctl(PR_SET_PDEATHSIG, 0);
	if (chdir("/") < 0) {
		/* Then the folder this program started in stays busy; no reason to keep no watch. */
	}
	fd = shed_descriptors(fd);
	if (fd < 0)
		return;
	listen_to_parent(fd);
	end_groups();
	remove_dirs();
}
