#include "scalerun/base/log.h"

#include "scalerun/base/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

/* A pipe takes so much in one piece; longer lines are cut. */
#define LINE_MAX_BYTES PIPE_BUF

static _Atomic int threshold = SR_LOG_WARN;

void sr_log_set_level(enum sr_log_level level)
{
	atomic_store_explicit(&threshold, (int)level, memory_order_relaxed);
}

enum sr_log_level sr_log_level(void)
{
	return (enum sr_log_level)atomic_load_explicit(&threshold, memory_order_relaxed);
}

static void write_line(const char *line, size_t len)
{
	while (len > 0) {
		ssize_t n = write(STDERR_FILENO, line, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* nowhere left to say that stderr cannot be written */
		line += n;
		len -= (size_t)n;
	}
}

void sr_log(enum sr_log_level level, const char *fmt, ...)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};
	char line[LINE_MAX_BYTES];
	size_t len = 24;
	int saved = errno, n;
	va_list ap;

	if (level > sr_log_level())
		return;
	sr_wall_format(sr_wall_now(), line);
	len += (size_t)snprintf(line + len, sizeof(line) - len, " %-5s ", names[level]);
	va_start(ap, fmt);
	n = vsnprintf(line + len, sizeof(line) - len, fmt, ap);
	va_end(ap);
	if (n > 0)
		len += (size_t)n < sizeof(line) - len ? (size_t)n : sizeof(line) - len - 1;
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\n')
			line[i] = ' ';
	}
	line[len++] = '\n'; /* in place of the 0 */
	write_line(line, len);
	errno = saved;
}
