/* Files that are written whole or not at all. */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* The folder's entry is on disk only when the folder is. */
static int sync_parent(const char *path)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;
	int fd, rc;

	memcpy(parent, path, len);
	parent[len] = 0;
	fd = open(!slash ? "." : len == 0 ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = fsync(fd);
	close(fd);
	return rc;
}

/* A file that is moved into the place of a device or a pipe would take it away from everybody. */
static bool may_be_replaced(const char *path)
{
	struct stat st;

	return lstat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode) || S_ISDIR(st.st_mode);
}

/* write(path, data, mode): whole or not at all, also over a crash */
int sr_lfs_write(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	size_t len;
	const char *data = luaL_checklstring(L, 2, &len);
	mode_t mode = sr_lfs_check_mode(L, 3, 0644);
	char temp[PATH_MAX];
	int fd, rc, errnum;

	if (!may_be_replaced(path))
		return sr_lfs_push_errno(L, EEXIST, "fs.write", "will not replace the device or pipe", path);
	if (snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >= (int)sizeof(temp))
		return sr_lfs_push_errno(L, ENAMETOOLONG, "fs.write", "cannot write", path);
	fd = mkostemp(temp, O_CLOEXEC);
	if (fd < 0)
		return sr_lfs_push_errno(L, errno, "fs.write", "cannot write", path);
	rc = write_all(fd, data, len);
	if (rc == 0)
		rc = fchmod(fd, mode);
	if (rc == 0)
		rc = fsync(fd);
	errnum = errno;
	if (close(fd) < 0 && rc == 0) {
		rc = -1;
		errnum = errno;
	}
	if (rc == 0 && (rc = rename(temp, path)) < 0)
		errnum = errno;
	if (rc < 0) {
		unlink(temp);
		return sr_lfs_push_errno(L, errnum, "fs.write", "cannot write", path);
	}
	if (sync_parent(path) < 0)
		return sr_lfs_push_errno(L, errno, "fs.write", "cannot write", path);
	return sr_lfs_push_true(L);
}
