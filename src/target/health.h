/* Whether the database and Redis answer, found out by threads of their own, so that a dependency that
 * hangs holds nobody up. Any thread. */
#ifndef TARGET_HEALTH_H
#define TARGET_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

struct sr_health;

struct sr_health_options {
	const char *dsn;
	const char *application; /* application_name of the probe's own connection */
	struct sr_kv *kv;
};

struct sr_health_report {
	bool database;
	bool redis;
};

/* options' pointers must outlive it. NULL: no memory or no thread. */
struct sr_health *sr_health_new(const struct sr_health_options *options);

/* Waits for a check under way (seconds at most when a dependency hangs). NULL is fine. */
void sr_health_free(struct sr_health *health);

/* Has both checked now and waits up to `wait` ns: what has not answered by then counts as down. */
void sr_health_check(struct sr_health *health, int64_t wait, struct sr_health_report *report);

#endif
