/* The command line. No side effects but the output of --help, --version and --faults. */
#ifndef TARGET_OPTIONS_H
#define TARGET_OPTIONS_H

#include "mcp/guard.h"

#include "scalerun/base/error.h"
#include "scalerun/base/log.h"

#include <stdbool.h>
#include <stdint.h>

struct sr_options {
	char host[256]; /* --listen HOST:PORT, brackets of IPv6 removed */
	char port[6];
	const char *database;
	const char *redis;
	const char *keys;
	const char *replica;
	bool project_scope; /* --id-scope project */
	int reserve_rate;   /* reservations a minute and project; 0: unlimited */
	int pool_size;
	int max_overflow;
	int64_t pool_timeout;
	int64_t reservation_ttl;
	int64_t sweep_interval;
	const char *content; /* NULL: no documents */
	bool init_content;
	const char *artifacts; /* NULL: artifacts are not kept */
	int64_t cache_ttl;
	int page_size;
	int64_t service_time; /* added to every request with a key */
	const char *allow_hosts[SR_GUARD_NAMES];
	const char *allow_origins[SR_GUARD_NAMES];
	bool conformance;
	enum sr_log_level log_level;
	bool init_schema;
	bool exit_with_parent;
};

enum sr_options_outcome { SR_OPTIONS_RUN, SR_OPTIONS_EXIT, SR_OPTIONS_BAD };

extern const char sr_options_usage[];

/* Reads argv and the environment, turns the named faults on. Strings point into argv and the environment.
 * RUN: options are complete. EXIT: what was asked for stands on stdout. BAD: err says which option and why. */
enum sr_options_outcome sr_options_parse(struct sr_options *options, int argc, char **argv, struct sr_error *err);

#endif
