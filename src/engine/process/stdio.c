/* The descriptors that a child gets as 0, 1, 2, and our ends of its pipes. */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int fail(int errnum, const char *what, struct sr_error *err)
{
	return sr_fail_errno(err, SR_EIO, errnum, "process.spawn", "%s", what);
}

/* Above the standard three, so that dup2 in the child overwrites none that it still needs. */
static int raise_fd(int fd)
{
	if (fd < 0 || fd > 2)
		return fd;
	int raised = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	int errnum = errno;
	close(fd);
	errno = errnum;
	return raised;
}

static int open_pipe(int *ours, int *theirs, bool child_reads, struct sr_error *err)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return fail(errno, "no pipe for the child", err);
	*ours = fds[child_reads ? 1 : 0];
	*theirs = raise_fd(fds[child_reads ? 0 : 1]);
	return *theirs < 0 ? fail(errno, "no descriptor for the child's pipe", err) : 0;
}

static int open_null(int flags, int *theirs, struct sr_error *err)
{
	*theirs = raise_fd(open("/dev/null", flags | O_CLOEXEC));
	return *theirs < 0 ? fail(errno, "cannot open /dev/null", err) : 0;
}

static int duplicate(int fd, int *theirs, struct sr_error *err)
{
	*theirs = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (*theirs < 0 && errno == EBADF) /* our own is closed */
		return open_null(O_WRONLY, theirs, err);
	return *theirs < 0 ? fail(errno, "cannot duplicate a descriptor", err) : 0;
}

static int open_output(const struct sr_process_output *output, int number, const int *stdout_fd, int *ours, int *theirs,
		       struct sr_error *err)
{
	switch (output->kind) {
	case SR_STDIO_NULL:
		return open_null(O_WRONLY, theirs, err);
	case SR_STDIO_PIPE:
		return open_pipe(ours, theirs, false, err);
	case SR_STDIO_INHERIT:
		return duplicate(number, theirs, err);
	case SR_STDIO_FILE:
		*theirs = raise_fd(open(output->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600));
		if (*theirs < 0)
			return sr_fail_errno(err, SR_EIO, errno, "process.spawn",
					     "cannot write the child's output to '%.300s'", output->path);
		return 0;
	case SR_STDIO_STDOUT:
		if (number == 2)
			return duplicate(*stdout_fd, theirs, err);
		break;
	}
	return sr_fail(err, SR_EINVAL, "process.spawn", "an impossible choice for the child's descriptor %d", number);
}

int sr_stdio_open(const struct sr_process_options *options, int ours[3], int theirs[3], struct sr_error *err)
{
	for (int i = 0; i < 3; i++)
		ours[i] = theirs[i] = -1;
	int rc = 0;
	if (options->in == SR_STDIO_PIPE)
		rc = open_pipe(&ours[0], &theirs[0], true, err);
	else if (options->in == SR_STDIO_NULL)
		rc = open_null(O_RDONLY, &theirs[0], err);
	else
		rc = sr_fail(err, SR_EINVAL, "process.spawn", "stdin is nothing or a pipe");
	if (rc == 0)
		rc = open_output(&options->out, 1, NULL, &ours[1], &theirs[1], err);
	if (rc == 0)
		rc = open_output(&options->err, 2, &theirs[1], &ours[2], &theirs[2], err);
	return rc;
}

void sr_stdio_close(int fds[3])
{
	for (int i = 0; i < 3; i++) {
		if (fds[i] >= 0)
			close(fds[i]);
		fds[i] = -1;
	}
}
