/* The keeper: a tiny process that cleans up after this one, however this one ends.
 *
 * It holds one end of a socket pair. When the other end closes, because this process exited, crashed
 * or was killed with SIGKILL, it ends every registered process group (its polite signal, then SIGKILL
 * after its grace), removes every registered folder, and exits. It lives in a session of its own, so
 * the terminal's signals do not reach it, and its name is not this program's, so `pkill scalerun`
 * does not either.
 *
 * It is a plain fork, not an exec of this program again: so it needs nothing of main(), and works
 * in every program that links the engine. In return its code keeps to system calls and static tables,
 * which is all that a fork of a process with threads may do. Start it early, while there is little
 * memory to share and no other thread.
 *
 * At a regular exit this process waits for the keeper, so that nothing is left when it has ended.
 *
 * Any thread. */
#ifndef SCALERUN_ENGINE_KEEPER_H
#define SCALERUN_ENGINE_KEEPER_H

#include "scalerun/base/error.h"

#include <stdint.h>
#include <sys/types.h>

#define SR_KEEPER_GROUPS 512  /* registered at once, at most */
#define SR_KEEPER_DIRS   1024 /* the same for folders */
#define SR_KEEPER_PATH   1024 /* bytes of a folder's path, its 0 included */

/* Starts the keeper unless this process has one. The functions below call it by themselves.
 * 0, -SR_EIO, or -SR_ESTATE where the keeper was killed. */
int sr_keeper_start(struct sr_error *err);

/* Registers a process group: `signal` is its polite signal, grace (ns) the time between that and
 * SIGKILL. Returns a token >= 0 for sr_keeper_forget, -SR_ELIMIT, or what sr_keeper_start returns. */
int sr_keeper_register_group(pid_t group, int signal, int64_t grace, struct sr_error *err);

/* Registers a folder, by absolute path. Returns a token, -SR_EINVAL (not absolute, too long, or /),
 * -SR_ELIMIT, or what sr_keeper_start returns. */
int sr_keeper_register_dir(const char *path, struct sr_error *err);

/* Takes the registration back: the group has been reaped, the folder removed or given away. A
 * negative token is allowed. */
void sr_keeper_forget(int token);

#endif
