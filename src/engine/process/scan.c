/* Reads /proc with system calls and the stack only: for the keeper. */
#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int sr_scan_open(struct sr_scan *scan)
{
	scan->fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scan->at = scan->len = 0;
	return scan->fd < 0 ? -errno : 0;
}

void sr_scan_close(struct sr_scan *scan)
{
	close(scan->fd);
}

/* The name of the next process's folder, or NULL at the end. */
static const char *next_name(struct sr_scan *scan)
{
	for (;;) {
		if (scan->at >= scan->len) {
			scan->len = syscall(SYS_getdents64, scan->fd, scan->buf.bytes, sizeof(scan->buf.bytes));
			scan->at = 0;
			if (scan->len <= 0)
				return NULL;
		}
		const struct sr_dirent *entry = (const struct sr_dirent *)(scan->buf.bytes + scan->at);
		scan->at += entry->length;
		if (entry->name[0] >= '1' && entry->name[0] <= '9')
			return entry->name;
	}
}

/* /proc/N/stat is "N (name) S ppid pgrp …"; the name may hold blanks and parentheses. */
static bool parse_stat(const char *text, struct sr_process_entry *entry)
{
	const char *at = strrchr(text, ')');
	if (!at || at[1] != ' ' || at[2] == 0 || at[3] != ' ')
		return false;
	entry->zombie = at[2] == 'Z' || at[2] == 'X';
	at += 4;
	while (*at && *at != ' ') /* ppid */
		at++;
	int group = 0;
	for (at += *at == ' '; *at >= '0' && *at <= '9'; at++)
		group = group * 10 + (*at - '0');
	entry->group = group;
	return group > 0;
}

static bool read_stat(const struct sr_scan *scan, const char *name, struct sr_process_entry *entry)
{
	char path[32], text[512];
	size_t len = strlen(name);
	if (len + sizeof("/stat") > sizeof(path))
		return false;
	memcpy(path, name, len);
	memcpy(path + len, "/stat", sizeof("/stat"));
	int fd = openat(scan->fd, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = 0;
	return parse_stat(text, entry);
}

bool sr_scan_next(struct sr_scan *scan, struct sr_process_entry *entry)
{
	const char *name;
	while ((name = next_name(scan)))
		if (read_stat(scan, name, entry))
			return true;
	return false;
}
