/* scalerun-target: the reference system under test. */
#include "app.h"
#include "fault.h"
#include "jsonw.h"
#include "mcp/mcp.h"
#include "route.h"
#include "schema.h"
#include "server.h"
#include "slow.h"
#include "sweeper.h"

#include "scalerun/base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define SR_EXIT_USAGE        64
#define SR_MAIN_STOP_TIMEOUT (5 * SR_S)
#define SR_MAIN_CONNECT      (5 * SR_S)
#define SR_MAIN_FIRST_CHECK  SR_S

/* SIGTERM and SIGINT are for main's sigwait alone: blocked before the first thread starts. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static int check_database(const struct sr_options *options, const struct sr_keys *keys, struct sr_error *err)
{
	struct sr_db_conn *conn;
	int rc;

	if (!sr_db_dsn_is_valid(options->database))
		return sr_fail(
		    err, SR_EINVAL, "start",
		    "--database: not a connection string; allowed: key=value pairs or postgresql://HOST:PORT/NAME");
	rc = sr_db_connect(options->database, "scalerun-target-init", sr_now() + SR_MAIN_CONNECT, &conn, err);

	if (rc)
		return rc;
	rc = options->init_schema ? sr_schema_init(conn, keys, err) : sr_schema_check(conn, keys, err);
	sr_db_close(conn);
	return rc;
}

static int no_memory(struct sr_error *err)
{
	return sr_fail(err, SR_ENOMEM, "start", "out of memory or threads");
}

/* What only faults need. False: no memory. */
static bool open_for_faults(struct sr_app *app)
{
	bool flights = sr_fault_on(SR_FAULT_LEAK_TASKS_UNDER_LOAD) || sr_slow_needs_flights();
	bool copies = sr_fault_on(SR_FAULT_STALE_READ);

	if (flights)
		app->flights = sr_flights_new(sr_keys_count(app->keys));
	if (copies)
		app->copies = sr_copies_new(sr_keys_count(app->keys));
	return (!flights || app->flights) && (!copies || app->copies);
}

static int open_app(struct sr_app *app, struct sr_error *err)
{
	static char application[80], probe[80];
	const struct sr_options *options = app->options;
	struct sr_db_options db = {
	    .dsn = options->database,
	    .application = application,
	    .pool = {.size = options->pool_size,
		     .overflow = options->max_overflow,
		     .timeout = options->pool_timeout,
		     .faults = true},
	};
	struct sr_health_report report;
	struct sr_health_options health = {.dsn = options->database, .application = probe};
	int rc;

	snprintf(application, sizeof(application), "scalerun-target/%s", options->replica);
	snprintf(probe, sizeof(probe), "scalerun-health/%s", options->replica);
	rc = sr_keys_load(options->keys, &app->keys, err);
	if (!rc)
		rc = sr_kv_new(options->redis, &app->kv, err);
	if (!rc)
		rc = check_database(options, app->keys, err);
	if (rc)
		return rc;
	rc = sr_mcp_open(app, err);
	if (rc)
		return rc;
	app->stats = sr_stats_new(sr_route_count(), sr_keys_count(app->keys));
	app->db = sr_db_new(&db);
	app->log = sr_jlog_new(STDOUT_FILENO, options->log_level, options->replica);
	health.kv = app->kv;
	app->health = sr_health_new(&health);
	if (app->health) /* so that the first answer need not wait for connections */
		sr_health_check(app->health, SR_MAIN_FIRST_CHECK, &report);
	return app->stats && app->db && app->log && app->health && open_for_faults(app) ? 0 : no_memory(err);
}

static void close_app(struct sr_app *app)
{
	sr_health_free(app->health);
	if (app->log)
		sr_jlog_stop(app->log);
	sr_jlog_free(app->log);
	sr_flights_free(app->flights);
	sr_copies_free(app->copies);
	sr_mcp_close(app->mcp);
	sr_db_free(app->db);
	sr_stats_free(app->stats);
	sr_kv_free(app->kv);
	sr_keys_free(app->keys);
}

static void announce(const struct sr_app *app, const char *url)
{
	struct sr_jsonw line;

	sr_jsonw_init(&line, 8192);
	sr_jsonw_begin(&line, '{');
	sr_jsonw_key(&line, "event");
	sr_jsonw_string(&line, "listening");
	sr_jsonw_key(&line, "url");
	sr_jsonw_string(&line, url);
	sr_jsonw_key(&line, "replica");
	sr_jsonw_string(&line, app->options->replica);
	sr_jsonw_key(&line, "version");
	sr_jsonw_string(&line, SCALERUN_VERSION);
	sr_jsonw_key(&line, "pid");
	sr_jsonw_int(&line, getpid());
	sr_jsonw_key(&line, "faults");
	sr_jsonw_begin(&line, '[');
	for (int i = 0; i < SR_FAULT_COUNT; i++) {
		if (sr_fault_on((enum sr_fault)i))
			sr_jsonw_string(&line, sr_faults[i].name);
	}
	sr_jsonw_end(&line, ']');
	sr_jsonw_end(&line, '}');
	printf("%s\n", sr_buf_cstr(&line.buf));
	fflush(stdout);
	sr_jsonw_deinit(&line);
}

/* Serves until a signal. 0, or -SR_E… when it could not start. */
static int serve(struct sr_app *app, const sigset_t *signals, struct sr_error *err)
{
	struct sr_sweeper *sweeper;
	struct sr_server *server;
	int number = 0;
	int64_t deadline;
	int rc = sr_server_start(app, &server, err);

	if (rc)
		return rc;
	sweeper = sr_sweeper_new(app, app->options->sweep_interval);
	if (!sweeper) {
		sr_server_stop(server, 0);
		return no_memory(err);
	}
	announce(app, sr_server_url(server));
	sigwait(signals, &number);
	deadline = sr_now() + SR_MAIN_STOP_TIMEOUT;
	sr_jlog_event(app->log, SR_LOG_INFO, "stopping", "signal %d", number);
	if (!sr_server_stop(server, deadline - sr_now()) || !sr_sweeper_stop(sweeper, deadline - sr_now())) {
		/* threads still wait for the database: nothing can be taken from under them */
		sr_jlog_event(app->log, SR_LOG_WARN, "stopped", "%d requests were still in flight",
			      sr_stats_in_flight(app->stats));
		sr_jlog_stop(app->log);
		_exit(0);
	}
	return 0;
}

static int die(int status, const struct sr_error *err)
{
	fprintf(stderr, "scalerun-target: %s\n", err->text);
	return status;
}

int main(int argc, char **argv)
{
	pid_t parent = getppid();
	struct sr_options options;
	struct sr_app app = {.options = &options, .started = sr_now()};
	struct sr_error err;
	sigset_t signals;
	int rc;

	switch (sr_options_parse(&options, argc, argv, &err)) {
	case SR_OPTIONS_EXIT:
		return 0;
	case SR_OPTIONS_BAD:
		return die(SR_EXIT_USAGE, &err);
	case SR_OPTIONS_RUN:
		break;
	}
	if (options.exit_with_parent) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			return 0;
	}
	block_signals(&signals);
	rc = open_app(&app, &err);
	if (!rc)
		rc = serve(&app, &signals, &err);
	close_app(&app);
	return rc ? die(1, &err) : 0;
}
