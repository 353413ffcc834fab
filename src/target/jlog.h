/* The log: one JSON object a line on a descriptor, written by a thread of its own, so that a reader who
 * lags never holds a request up: what does not fit into 1 MiB is dropped and counted. Any thread. */
#ifndef TARGET_JLOG_H
#define TARGET_JLOG_H

#include "scalerun/base/log.h"

#include <stdint.h>

struct sr_jlog;

struct sr_jlog_request {
	const char *method;
	const char *path;
	int status;
	int64_t duration;    /* ns */
	const char *project; /* NULL: none */
};

/* replica must outlive the log. NULL: no memory or no thread. */
struct sr_jlog *sr_jlog_new(int fd, enum sr_log_level level, const char *replica);

/* Writes what is left, for a second at most; other threads may go on logging, to nowhere. Once. */
void sr_jlog_stop(struct sr_jlog *log);

/* After _stop, when no other thread logs any more. NULL is fine. */
void sr_jlog_free(struct sr_jlog *log);

/* 5xx at error, 4xx at warn, the rest at info. */
void sr_jlog_request(struct sr_jlog *log, const struct sr_jlog_request *request);
void sr_jlog_event(struct sr_jlog *log, enum sr_log_level level, const char *event, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

int64_t sr_jlog_dropped(struct sr_jlog *log);

#endif
