#include "options.h"

#include "fault.h"
#include "text.h"

#include "scalerun/base/clock.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
	OPT_LISTEN = 1,
	OPT_DATABASE,
	OPT_REDIS,
	OPT_KEYS,
	OPT_INIT_SCHEMA,
	OPT_REPLICA,
	OPT_ID_SCOPE,
	OPT_RESERVE_RATE,
	OPT_RESERVATION_TTL,
	OPT_SWEEP_INTERVAL,
	OPT_POOL_SIZE,
	OPT_MAX_OVERFLOW,
	OPT_POOL_TIMEOUT,
	OPT_CONTENT,
	OPT_INIT_CONTENT,
	OPT_ARTIFACTS,
	OPT_CACHE_TTL,
	OPT_PAGE_SIZE,
	OPT_SERVICE_TIME,
	OPT_ALLOW_HOST,
	OPT_ALLOW_ORIGIN,
	OPT_CONFORMANCE,
	OPT_LOG_LEVEL,
	OPT_FAULT,
	OPT_EXIT_WITH_PARENT,
	OPT_FAULTS,
	OPT_HELP,
	OPT_VERSION
};

static const struct option known[] = {
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"database", required_argument, NULL, OPT_DATABASE},
    {"redis", required_argument, NULL, OPT_REDIS},
    {"keys", required_argument, NULL, OPT_KEYS},
    {"init-schema", no_argument, NULL, OPT_INIT_SCHEMA},
    {"replica", required_argument, NULL, OPT_REPLICA},
    {"id-scope", required_argument, NULL, OPT_ID_SCOPE},
    {"reserve-rate", required_argument, NULL, OPT_RESERVE_RATE},
    {"reservation-ttl", required_argument, NULL, OPT_RESERVATION_TTL},
    {"sweep-interval", required_argument, NULL, OPT_SWEEP_INTERVAL},
    {"pool-size", required_argument, NULL, OPT_POOL_SIZE},
    {"max-overflow", required_argument, NULL, OPT_MAX_OVERFLOW},
    {"pool-timeout", required_argument, NULL, OPT_POOL_TIMEOUT},
    {"content", required_argument, NULL, OPT_CONTENT},
    {"init-content", no_argument, NULL, OPT_INIT_CONTENT},
    {"artifacts", required_argument, NULL, OPT_ARTIFACTS},
    {"cache-ttl", required_argument, NULL, OPT_CACHE_TTL},
    {"page-size", required_argument, NULL, OPT_PAGE_SIZE},
    {"service-time", required_argument, NULL, OPT_SERVICE_TIME},
    {"allow-host", required_argument, NULL, OPT_ALLOW_HOST},
    {"allow-origin", required_argument, NULL, OPT_ALLOW_ORIGIN},
    {"conformance", no_argument, NULL, OPT_CONFORMANCE},
    {"log-level", required_argument, NULL, OPT_LOG_LEVEL},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"exit-with-parent", no_argument, NULL, OPT_EXIT_WITH_PARENT},
    {"faults", no_argument, NULL, OPT_FAULTS},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {NULL, 0, NULL, 0},
};

static const char *const level_names[] = {
    [SR_LOG_ERROR] = "error", [SR_LOG_WARN] = "warn", [SR_LOG_INFO] = "info", [SR_LOG_DEBUG] = "debug"};

static int bad(struct sr_error *err, const char *option, const char *allowed)
{
	return sr_fail(err, SR_EINVAL, "options", "--%s: %s", option, allowed);
}

static int parse_listen(struct sr_options *options, const char *text, struct sr_error *err)
{
	const char *colon = strrchr(text, ':');
	bool bracketed = text[0] == '[' && colon > text && colon[-1] == ']';
	size_t len = colon ? (size_t)(colon - text) : 0;
	int64_t port;

	if (bracketed) {
		text++;
		len -= 2;
	}
	if (len == 0 || len >= sizeof(options->host) || !sr_text_to_int(colon + 1, 0, 65535, &port) ||
	    (!bracketed && memchr(text, ':', len)))
		return bad(err, "listen", "takes HOST:PORT or [IPV6]:PORT, port 0 to 65535");
	memcpy(options->host, text, len);
	options->host[len] = '\0';
	snprintf(options->port, sizeof(options->port), "%d", (int)port);
	return 0;
}

static int parse_int(const char *option, int min, int max, int *value, struct sr_error *err)
{
	int64_t n;
	char allowed[64];

	if (sr_text_to_int(optarg, min, max, &n)) {
		*value = (int)n;
		return 0;
	}
	snprintf(allowed, sizeof(allowed), "takes a number from %d to %d", min, max);
	return bad(err, option, allowed);
}

static int parse_time_from(const char *option, int64_t least, int64_t max, int64_t *value, struct sr_error *err)
{
	char allowed[128];
	int64_t ns;

	if (sr_duration_parse(optarg, &ns) == 0 && ns >= least && ns <= max) {
		*value = ns;
		return 0;
	}
	snprintf(allowed, sizeof(allowed),
		 "takes a time with a unit, such as 500ms, 30s or 15m (at least %dms, at most %ds)",
		 (int)(least / SR_MS), (int)(max / SR_S));
	return bad(err, option, allowed);
}

static int parse_time(const char *option, int64_t max, int64_t *value, struct sr_error *err)
{
	return parse_time_from(option, SR_MS, max, value, err);
}

static int parse_replica(struct sr_options *options, struct sr_error *err)
{
	if (!sr_text_is_task_id(optarg) || strlen(optarg) > 40)
		return bad(err, "replica", "takes 1 to 40 letters, digits, '.', '_' or '-', a letter or digit first");
	options->replica = optarg;
	return 0;
}

static int parse_scope(struct sr_options *options, struct sr_error *err)
{
	if (strcmp(optarg, "global") != 0 && strcmp(optarg, "project") != 0)
		return bad(err, "id-scope", "takes global or project");
	options->project_scope = strcmp(optarg, "project") == 0;
	return 0;
}

static int parse_level(struct sr_options *options, struct sr_error *err)
{
	for (int i = SR_LOG_ERROR; i <= SR_LOG_DEBUG; i++) {
		if (strcmp(level_names[i], optarg) == 0) {
			options->log_level = (enum sr_log_level)i;
			return 0;
		}
	}
	return bad(err, "log-level", "takes error, warn, info or debug");
}

static int add_name(const char *option, const char **list, struct sr_error *err)
{
	int i = 0;

	while (i < SR_GUARD_NAMES && list[i])
		i++;
	if (i == SR_GUARD_NAMES)
		return bad(err, option, "given too often; up to 16 times");
	list[i] = optarg;
	return 0;
}

static int apply(struct sr_options *options, int id, struct sr_error *err)
{
	switch (id) {
	case OPT_LISTEN:
		return parse_listen(options, optarg, err);
	case OPT_DATABASE:
		options->database = optarg;
		return 0;
	case OPT_REDIS:
		options->redis = optarg;
		return 0;
	case OPT_KEYS:
		options->keys = optarg;
		return 0;
	case OPT_INIT_SCHEMA:
		options->init_schema = true;
		return 0;
	case OPT_REPLICA:
		return parse_replica(options, err);
	case OPT_ID_SCOPE:
		return parse_scope(options, err);
	case OPT_RESERVE_RATE:
		return parse_int("reserve-rate", 0, 100000, &options->reserve_rate, err);
	case OPT_RESERVATION_TTL:
		return parse_time("reservation-ttl", 24 * 3600 * SR_S, &options->reservation_ttl, err);
	case OPT_SWEEP_INTERVAL:
		return parse_time("sweep-interval", 24 * 3600 * SR_S, &options->sweep_interval, err);
	case OPT_POOL_SIZE:
		return parse_int("pool-size", 1, 1000, &options->pool_size, err);
	case OPT_MAX_OVERFLOW:
		return parse_int("max-overflow", 0, 1000, &options->max_overflow, err);
	case OPT_POOL_TIMEOUT:
		return parse_time("pool-timeout", 24 * 3600 * SR_S, &options->pool_timeout, err);
	case OPT_CONTENT:
		options->content = optarg;
		return 0;
	case OPT_INIT_CONTENT:
		options->init_content = true;
		return 0;
	case OPT_ARTIFACTS:
		options->artifacts = optarg;
		return 0;
	case OPT_CACHE_TTL:
		return parse_time("cache-ttl", 24 * 3600 * SR_S, &options->cache_ttl, err);
	case OPT_PAGE_SIZE:
		return parse_int("page-size", 1, 1000, &options->page_size, err);
	case OPT_SERVICE_TIME:
		return parse_time_from("service-time", 0, 60 * SR_S, &options->service_time, err);
	case OPT_ALLOW_HOST:
		return add_name("allow-host", options->allow_hosts, err);
	case OPT_ALLOW_ORIGIN:
		return add_name("allow-origin", options->allow_origins, err);
	case OPT_CONFORMANCE:
		options->conformance = true;
		return 0;
	case OPT_LOG_LEVEL:
		return parse_level(options, err);
	case OPT_FAULT:
		if (sr_fault_set(optarg))
			return sr_fail(err, SR_EINVAL, "options",
				       "--fault: no fault is called '%s'; --faults lists them", optarg);
		return 0;
	default:
		options->exit_with_parent = true;
		return 0;
	}
}

static void print_faults(void)
{
	for (int i = 0; i < SR_FAULT_COUNT; i++)
		printf("%-25s %s\n", sr_faults[i].name, sr_faults[i].breaks);
}

static int complete(struct sr_options *options, struct sr_error *err)
{
	if (!options->database)
		options->database = getenv("SCALERUN_TARGET_DATABASE");
	if (!options->redis)
		options->redis = getenv("SCALERUN_TARGET_REDIS");
	if (!options->keys)
		options->keys = getenv("SCALERUN_TARGET_KEYS");
	if (!options->database)
		return bad(err, "database", "required (or SCALERUN_TARGET_DATABASE): a PostgreSQL connection string");
	if (!options->redis)
		return bad(err, "redis", "required (or SCALERUN_TARGET_REDIS): redis://HOST:PORT or unix:///PATH");
	if (!options->keys)
		return bad(err, "keys", "required (or SCALERUN_TARGET_KEYS): a JSON file of project and key");
	if (options->init_content && !options->content)
		return bad(err, "init-content", "needs --content, the folder to fill");
	/* in that mode a request needs no key */
	if (options->conformance && !sr_guard_is_loopback(options->host))
		return bad(err, "conformance", "needs --listen on a loopback address");
	return 0;
}

enum sr_options_outcome sr_options_parse(struct sr_options *options, int argc, char **argv, struct sr_error *err)
{
	int id;

	*options = (struct sr_options){
	    .host = "127.0.0.1",
	    .port = "8080",
	    .replica = "target",
	    .reserve_rate = 10,
	    .pool_size = 20,
	    .max_overflow = 10,
	    .pool_timeout = 30 * SR_S,
	    .reservation_ttl = 15 * 60 * SR_S,
	    .sweep_interval = 30 * SR_S,
	    .cache_ttl = 300 * SR_S,
	    .page_size = 50,
	    .log_level = SR_LOG_INFO,
	};
	opterr = 0;
	while ((id = getopt_long(argc, argv, ":", known, NULL)) != -1) {
		if (id == OPT_HELP) {
			fputs(sr_options_usage, stdout);
			return SR_OPTIONS_EXIT;
		}
		if (id == OPT_VERSION) {
			puts("scalerun-target " SCALERUN_VERSION);
			return SR_OPTIONS_EXIT;
		}
		if (id == OPT_FAULTS) {
			print_faults();
			return SR_OPTIONS_EXIT;
		}
		if (id == '?' || id == ':') {
			sr_fail(err, SR_EINVAL, "options",
				id == ':' ? "%s: needs a value" : "%s: no such option; see --help", argv[optind - 1]);
			return SR_OPTIONS_BAD;
		}
		if (apply(options, id, err))
			return SR_OPTIONS_BAD;
	}
	if (optind < argc) {
		sr_fail(err, SR_EINVAL, "options", "%s: takes no arguments, only options; see --help", argv[optind]);
		return SR_OPTIONS_BAD;
	}
	return complete(options, err) ? SR_OPTIONS_BAD : SR_OPTIONS_RUN;
}
