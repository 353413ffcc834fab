/* Child processes on an event loop.
 *
 * Every child leads its own process group, and the group ends with it: when the leader has exited,
 * whatever is left of its group gets SIGKILL before the leader is reaped. No child outlives this
 * process: the kernel signals each at this process's death (PR_SET_PDEATHSIG), and the keeper
 * (keeper.h) ends their groups. A descendant that leaves the group (setsid) is out of reach.
 *
 * Children are forked by one thread that lives as long as the process, because PR_SET_PDEATHSIG fires
 * at the end of the thread that forked; so any thread may spawn. A process belongs to the loop it was
 * spawned on and everything here is for that loop's thread. */
#ifndef SCALERUN_ENGINE_PROCESS_H
#define SCALERUN_ENGINE_PROCESS_H

#include "scalerun/base/buf.h"
#include "scalerun/loop/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct sr_process;

enum sr_process_stdio {
	SR_STDIO_NULL,    /* /dev/null */
	SR_STDIO_PIPE,    /* sr_process_write / sr_process_read */
	SR_STDIO_INHERIT, /* this process's own; outputs only */
	SR_STDIO_FILE,    /* appended to `path`, made with mode 0600; outputs only */
	SR_STDIO_STDOUT,  /* where stdout goes; stderr only */
};

struct sr_process_output {
	enum sr_process_stdio kind;
	const char *path; /* SR_STDIO_FILE */
};

/* Only read during sr_process_spawn. */
struct sr_process_options {
	const char *const *argv; /* NULL at the end. argv[0] without a slash is looked for in the child's PATH */
	const char *const *env;  /* "NAME=value" adds or replaces, "NAME" removes; NULL at the end, or NULL */
	bool clear_env;          /* nothing but env; else env extends this process's environment */
	const char *cwd;         /* NULL: this process's. Entered with the child's own rights */
	bool set_user;           /* change to uid and gid and drop every supplementary group */
	uid_t uid;
	gid_t gid;
	enum sr_process_stdio in; /* SR_STDIO_NULL or SR_STDIO_PIPE */
	struct sr_process_output out;
	struct sr_process_output err;
	size_t pipe_max; /* bytes kept of each output pipe; then the child waits for a reader. 0: 1 MiB */
	int stop_signal; /* the polite signal, also at this process's death. 0: SIGTERM */
	int64_t grace;   /* ns from the polite signal to SIGKILL. 0: 5 s */
};

/* Starts a child. It runs its program when this returns 0: a program that cannot be executed, a folder
 * or user that cannot be entered is -SR_EIO here, with the errno's name as detail. The caller releases
 * *process with sr_process_close. Blocks for the fork and the exec, about 1 ms, never over 10 s. */
int sr_process_spawn(struct sr_process **process, struct sr_loop *loop, const struct sr_process_options *options,
		     struct sr_error *err);

pid_t sr_process_pid(const struct sr_process *process);

struct sr_process_status {
	bool ended;
	int code;   /* exit status, 0..255, or -1 where a signal ended it */
	int signal; /* the signal that ended it, or 0 */
};
struct sr_process_status sr_process_status(const struct sr_process *process);

/* Sends sig to the child itself, not to its group. 0, -SR_ESTATE when it has ended, or -SR_EINVAL. */
int sr_process_signal(struct sr_process *process, int sig, struct sr_error *err);

/* The ops below are made with _new, get their done and arg, and are freed with sr_op_free. The process must
 * not be closed before they have completed. */

/* Waits for the end of the child. With `drained` also for the end of its output pipes, and fails with SR_ELIMIT as
 * soon as one of them holds pipe_max bytes. Any number may wait. timeout in ns or SR_NEVER: at the
 * deadline the op fails, the child runs on. NULL: no memory. */
struct sr_op *sr_process_wait_new(struct sr_process *process);
void sr_process_wait_start(struct sr_op *op, bool drained, int64_t timeout);

/* Ends the child: the polite signal to its group, SIGKILL to its group after `grace` ns (negative: the
 * option's). Completes with 0 when the child is reaped. */
struct sr_op *sr_process_stop_new(struct sr_process *process);
void sr_process_stop_start(struct sr_op *op, int64_t grace);

/* Reads from an output pipe; fd is 1 or 2. One read per pipe at a time (else SR_ESTATE).
 * SOME: what is there, at least a byte. LINE: to the next newline, which is taken off. ALL: to the end.
 * A line or an ALL longer than pipe_max fails with SR_ELIMIT. */
enum sr_process_read_mode { SR_READ_SOME, SR_READ_LINE, SR_READ_ALL };
struct sr_process_read {
	struct sr_op op;
	struct sr_process *process;
	int fd;
	enum sr_process_read_mode mode;
	struct sr_buf data; /* the result; freed with the op */
	bool eof;           /* the pipe has ended and data is empty */
};
struct sr_process_read *sr_process_read_new(struct sr_process *process, int fd, enum sr_process_read_mode mode);
void sr_process_read_start(struct sr_process_read *op, int64_t timeout);

/* Writes len bytes (copied) to the child's stdin; completes when all are in the pipe. SR_ECLOSED when
 * the child no longer reads. A write ended early closes the pipe: the child must not take half a text
 * for a whole one. One write at a time (else SR_ESTATE). NULL: no memory. */
struct sr_op *sr_process_write_new(struct sr_process *process, const void *data, size_t len);
void sr_process_write_start(struct sr_op *op, int64_t timeout);

/* Closes the child's stdin after what was written. No effect when it is not an open pipe. */
void sr_process_close_stdin(struct sr_process *process);

/* Releases the process. A running child's group gets SIGKILL and the child is reaped first. closed(arg)
 * (may be NULL) is called from the loop, never inside this call, when nothing is left of it; then the
 * memory is gone. The loop must run until then. */
void sr_process_close(struct sr_process *process, void (*closed)(void *arg), void *arg);

#endif
