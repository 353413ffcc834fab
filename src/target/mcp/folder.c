#include "mcp/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SR_FOLDER_CHUNK 65536

static bool is_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') && strlen(name) <= NAME_MAX;
}

static int failed(struct sr_error *err, const char *what)
{
	return sr_fail_errno(err, SR_EIO, errno, "folder", "%s", what);
}

static int make_parents(const char *path)
{
	char copy[PATH_MAX];
	size_t len = strlen(path);

	if (len >= sizeof(copy)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(copy, path, len + 1);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return mkdir(copy, 0777) && errno != EEXIST ? -1 : 0;
}

int sr_folder_open(const char *option, const char *path, bool create, struct sr_error *err)
{
	int fd = create && make_parents(path) ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : sr_fail_errno(err, SR_EIO, errno, "start", "--%s: folder %s", option, path);
}

int sr_folder_enter(int dir, const char *name, bool create, struct sr_error *err)
{
	int fd;

	if (!is_name(name))
		return sr_fail(err, SR_ESTATE, "folder", "not a name");
	if (create && mkdirat(dir, name, 0777) && errno != EEXIST)
		return failed(err, "cannot create a folder");
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	return errno == ENOENT ? sr_fail(err, SR_ESTATE, "folder", "no such folder") : failed(err, "open");
}

/* Only plain files: a FIFO would block, a directory cannot be read. */
static int open_file(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat info;

	if (fd >= 0 && (fstat(fd, &info) || !S_ISREG(info.st_mode))) {
		close(fd);
		errno = ENOENT;
		return -1;
	}
	return fd;
}

int sr_folder_read(int dir, const char *name, struct sr_buf *buf, struct sr_error *err)
{
	int fd = is_name(name) ? open_file(dir, name) : -1;
	ssize_t got = 1;
	int rc = 0;

	if (fd < 0) {
		if (!is_name(name) || errno == ENOENT || errno == ELOOP)
			return sr_fail(err, SR_ESTATE, "folder", "no such file");
		return failed(err, "open");
	}
	while (!rc && got > 0) {
		rc = sr_buf_reserve(buf, SR_FOLDER_CHUNK);
		if (rc) {
			sr_fail(err, -rc, "folder", "the file is too large");
			break;
		}
		got = read(fd, buf->data + buf->len, SR_FOLDER_CHUNK);
		if (got > 0)
			buf->len += (size_t)got;
		else if (got < 0 && errno == EINTR)
			got = 1;
		else if (got < 0)
			rc = failed(err, "read");
	}
	close(fd);
	return rc;
}

bool sr_folder_has(int dir, const char *name)
{
	int fd = is_name(name) ? open_file(dir, name) : -1;

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t put = write(fd, data, len);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -1;
		data += put;
		len -= (size_t)put;
	}
	return 0;
}

int sr_folder_write(int dir, const char *name, const char *data, size_t len, bool durable, struct sr_error *err)
{
	static atomic_ullong sequence;
	char temporary[64];
	int fd, rc;

	if (!is_name(name))
		return sr_fail(err, SR_EINVAL, "folder", "not a name");
	snprintf(temporary, sizeof(temporary), ".%d-%llu.tmp", (int)getpid(), atomic_fetch_add(&sequence, 1));
	/* one that is there is left of a process that had the same number and was killed */
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return failed(err, "cannot create a file");
	rc = write_all(fd, data, len) || (durable && fsync(fd)) ? failed(err, "cannot write") : 0;
	if (close(fd) && !rc)
		rc = failed(err, "cannot write");
	if (!rc && renameat(dir, temporary, dir, name))
		rc = failed(err, "cannot rename");
	if (!rc && durable && fsync(dir))
		rc = failed(err, "cannot sync the folder");
	if (rc)
		unlinkat(dir, temporary, 0);
	return rc;
}

int sr_folder_list(int dir, bool (*accept)(const char *name), struct sr_names *names, struct sr_error *err)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* a reading position of our own */
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	int rc = 0;

	if (!list) {
		rc = failed(err, "cannot list a folder");
		if (fd >= 0)
			close(fd);
		return rc;
	}
	while (!rc && (entry = readdir(list))) {
		if (*entry->d_name != '.' && accept(entry->d_name))
			rc = sr_names_add(names, entry->d_name);
	}
	closedir(list);
	if (rc)
		return sr_fail(err, -rc, "folder", "too many files");
	sr_names_sort(names);
	return 0;
}
