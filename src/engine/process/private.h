/* What the files of engine/process share. */
#ifndef SCALERUN_ENGINE_PROCESS_PRIVATE_H
#define SCALERUN_ENGINE_PROCESS_PRIVATE_H

#include "scalerun/engine/keeper.h"
#include "scalerun/engine/process.h"

#include <uv.h>

/* ---- keeper ------------------------------------------------------------------------------------- */

struct sr_keeper_message {
	enum { SR_KEEPER_GROUP, SR_KEEPER_DIR, SR_KEEPER_FORGET } kind;
	int token; /* a group's slot, or SR_KEEPER_GROUPS + a folder's */
	pid_t group;
	int signal;
	int64_t grace;
	char path[SR_KEEPER_PATH]; /* only as much as needed is sent */
};

/* The keeper's whole life; returns when the other end of fd has closed and everything is cleaned up. */
void sr_keeper_main(int fd);

/* A free token for a group, so that the child can register itself before it runs its program and no moment
 * exists in which it lives unregistered. */
int sr_keeper_reserve_group(struct sr_error *err);

/* Sends the registration. Async-signal-safe. 0 or -errno. */
int sr_keeper_announce_group(int token, pid_t group, int signal, int64_t grace);

/* What getdents64 writes. */
struct sr_dirent {
	uint64_t ino;
	int64_t off;
	unsigned short length;
	unsigned char type;
	char name[];
};

/* ---- all processes -------------------------------------------------------------------------------- */

/* A walk over /proc. Async-signal-safe. */
struct sr_scan {
	int fd;
	long at, len;
	union {
		char bytes[4096];
		uint64_t alignment;
	} buf;
};

struct sr_process_entry {
	pid_t group;
	bool zombie;
};

int sr_scan_open(struct sr_scan *scan); /* 0 or -errno */
bool sr_scan_next(struct sr_scan *scan, struct sr_process_entry *entry);
void sr_scan_close(struct sr_scan *scan);

/* ---- spawn -------------------------------------------------------------------------------------- */

enum sr_spawn_stage {
	SR_SPAWN_GROUP,
	SR_SPAWN_STDIO,
	SR_SPAWN_USER,
	SR_SPAWN_CWD,
	SR_SPAWN_PARENT,
	SR_SPAWN_KEEPER,
	SR_SPAWN_EXEC
};

/* Everything that the child needs, prepared before the fork: after it nothing may be allocated. */
struct sr_spawn_plan {
	char *const *argv;
	char *const *envp;
	char *const *candidates; /* paths to try, NULL at the end */
	const char *cwd;
	bool set_user;
	uid_t uid;
	gid_t gid;
	int stdio[3]; /* descriptors >= 3 for the child's 0, 1, 2 */
	int stop_signal;
	int64_t grace;
	int token;
};

/* Forks from the spawning thread and waits until the program runs. 0 with *pid, or -SR_E…; then nothing
 * is left of the child. */
int sr_spawn(const struct sr_spawn_plan *plan, pid_t *pid, struct sr_error *err);

/* Builds argv's candidates and the environment for the options; free with sr_plan_free. */
int sr_plan_build(struct sr_spawn_plan *plan, const struct sr_process_options *options, struct sr_error *err);
void sr_plan_free(struct sr_spawn_plan *plan);

/* Fills ours and theirs with descriptors or -1; on failure too: close both. */
int sr_stdio_open(const struct sr_process_options *options, int ours[3], int theirs[3], struct sr_error *err);
void sr_stdio_close(int fds[3]);

/* ---- process ------------------------------------------------------------------------------------ */

struct sr_output_pipe {
	struct sr_process *process;
	int fd; /* -1: not a pipe, or at its end */
	bool piped;
	bool polling;
	uv_poll_t poll;
	struct sr_buf buf;
	size_t start;   /* bytes of buf already handed over */
	size_t scanned; /* bytes after start known to hold no newline */
	struct sr_process_read *reader;
};

struct sr_input_pipe {
	int fd;
	uv_poll_t poll;
	struct sr_write_op *writer;
	bool close_after; /* once the writer has ended */
};

struct sr_process {
	struct sr_loop *loop;
	pid_t pid;
	int token;
	int stop_signal;
	int64_t grace;
	struct sr_process_status status;
	int pidfd;
	uv_poll_t exit_poll;
	struct sr_input_pipe in;
	struct sr_output_pipe out[2];
	struct sr_process_wait *waits;
	unsigned handles; /* uv handles not yet closed */
	bool closing;
	struct sr_job closed_job;
	void (*closed)(void *arg);
	void *closed_arg;
};

void sr_process_handle_gone(uv_handle_t *handle);

/* Completes the waits whose condition holds now. */
void sr_process_settle(struct sr_process *process);

/* Takes over our ends of the pipes to the child's 0, 1, 2 (-1: no pipe) and sets what it took to -1. */
int sr_pipes_open(struct sr_process *process, int fds[3], size_t max, struct sr_error *err);
void sr_pipes_close(struct sr_process *process);
void sr_pipe_close(uv_poll_t *poll, int *fd);

void sr_input_end(struct sr_process *process);
void sr_output_end(struct sr_output_pipe *pipe);

/* Polls the pipe unless it is full or has ended. */
void sr_output_watch(struct sr_output_pipe *pipe);
bool sr_pipe_full(const struct sr_output_pipe *pipe);

#endif
