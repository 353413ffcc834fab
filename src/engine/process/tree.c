/* Runs in the keeper, a fork of a process with threads: no opendir (it allocates), raw getdents64 on a buffer
 * of the stack instead. */
#include "private.h"

#include "scalerun/engine/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define DEPTH_MAX 200

static int remove_entry(int parent, const char *name, unsigned char type, int depth);

/* One pass over the folder. Returns the number of entries removed; the first failure goes to *failure. */
static int remove_pass(int fd, int depth, int *failure)
{
	union {
		char bytes[2048];
		uint64_t alignment;
	} buf;
	int removed = 0;
	for (;;) {
		long n = syscall(SYS_getdents64, fd, buf.bytes, sizeof(buf.bytes));
		if (n < 0 && *failure == 0)
			*failure = -errno;
		if (n <= 0)
			return removed;
		for (long at = 0; at < n;) {
			const struct sr_dirent *entry = (const struct sr_dirent *)(buf.bytes + at);
			at += entry->length;
			if (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0)
				continue;
			int rc = remove_entry(fd, entry->name, entry->type, depth + 1);
			if (rc == 0)
				removed++;
			else if (*failure == 0)
				*failure = rc;
		}
	}
}

static int remove_folder(int parent, const char *name, int depth)
{
	if (depth > DEPTH_MAX)
		return -ELOOP;
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	/* Some file systems skip entries when others go while a folder is read: read it until it yields none. */
	int failure;
	int removed;
	do {
		failure = 0;
		removed = remove_pass(fd, depth, &failure);
		lseek(fd, 0, SEEK_SET);
	} while (removed > 0);
	close(fd);
	if (unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return failure != 0 ? failure : -errno;
}

static int remove_entry(int parent, const char *name, unsigned char type, int depth)
{
	if (type != DT_DIR) {
		if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
			return 0;
		if (errno != EISDIR)
			return -errno;
	}
	return remove_folder(parent, name, depth);
}

int sr_tree_remove(const char *path)
{
	/* "link/" would open what the link points to. */
	char clean[PATH_MAX];
	size_t len = strlen(path);
	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len >= sizeof(clean))
		return -ENAMETOOLONG;
	memcpy(clean, path, len);
	clean[len] = 0;
	return remove_entry(AT_FDCWD, clean, DT_UNKNOWN, 0);
}
