#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "postgres.h"

#include "scalerun/base/clock.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BINDIR "/usr/lib/postgresql/15/bin"

static char folder[64];
static char bindir[256];
static pid_t server, keeper;
static int life; /* the keeper ends the server when this is closed, however that comes about */

static void find_bindir(void)
{
	FILE *pipe = popen("pg_config --bindir", "r");

	bindir[0] = '\0';
	if (pipe) {
		if (fgets(bindir, sizeof bindir, pipe))
			bindir[strcspn(bindir, "\n")] = '\0';
		pclose(pipe);
	}
	if (!bindir[0])
		snprintf(bindir, sizeof bindir, "%s", BINDIR);
}

/* PostgreSQL refuses to run as root. The parent-death signal comes last: a change of user clears it. */
static void become_postgres(void)
{
	struct passwd *user = getuid() == 0 ? getpwnam("postgres") : NULL;

	if (user &&
	    (initgroups(user->pw_name, user->pw_gid) < 0 || setgid(user->pw_gid) < 0 || setuid(user->pw_uid) < 0))
		_exit(126);
	prctl(PR_SET_PDEATHSIG, SIGQUIT);
	setpgid(0, 0);
}

static pid_t spawn(const char *program, char *const argv[])
{
	char path[512], log[128];
	pid_t pid = fork();
	int fd;

	if (pid != 0)
		return pid;
	become_postgres();
	snprintf(path, sizeof path, "%s/%s", bindir, program);
	snprintf(log, sizeof log, "%s/log", folder);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	dup2(fd, 1);
	dup2(fd, 2);
	execv(path, argv);
	_exit(127);
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof path, "%s/data/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void wait_until_ready(void)
{
	int64_t deadline = sr_now() + 60 * SR_S;

	while (PQping(postgres_dsn("")) != PQPING_OK) {
		assert_true(sr_now() < deadline);
		assert_int_equal(waitpid(keeper, NULL, WNOHANG), 0);
		usleep(20000);
	}
}

static void add_keyed_role(void)
{
	PGconn *pq = PQconnectdb(postgres_dsn(""));

	PQclear(PQexec(pq, "CREATE ROLE keyed LOGIN PASSWORD 's3cret-word'"));
	assert_string_equal(PQerrorMessage(pq), "");
	PQfinish(pq);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
	(void)info;
	(void)type;
	(void)place;
	return remove(path);
}

/* A process of its own: whatever becomes of the test program, the server ends and its folder goes. */
static void keep(const char *data, int alive, int tell)
{
	char byte;

	setsid();
	server = spawn("postgres", (char *[]){"postgres",
					      "-D",
					      (char *)data,
					      "-k",
					      folder,
					      "-c",
					      "listen_addresses=",
					      "-c",
					      "fsync=off",
					      "-c",
					      "shared_buffers=16MB",
					      "-c",
					      "autovacuum=off",
					      "-c",
					      "dynamic_shared_memory_type=mmap",
					      "-c",
					      "max_wal_size=32MB",
					      "-c",
					      "max_connections=30",
					      NULL});
	if (write(tell, &server, sizeof server) < 0 || read(alive, &byte, 1) > 0)
		_exit(1);
	kill(server, SIGCONT);
	kill(server, SIGQUIT);
	waitpid(server, NULL, 0);
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

static void start_keeper(const char *data)
{
	int alive[2], tell[2];

	assert_int_equal(pipe2(alive, O_CLOEXEC), 0);
	assert_int_equal(pipe2(tell, O_CLOEXEC), 0);
	keeper = fork();
	if (keeper == 0) {
		close(alive[1]);
		close(tell[0]);
		keep(data, alive[0], tell[1]);
	}
	close(alive[0]);
	close(tell[1]);
	life = alive[1];
	assert_int_equal(read(tell[0], &server, sizeof server), sizeof server);
	close(tell[0]);
}

int postgres_start(void **state)
{
	char data[96];
	struct passwd *user = getuid() == 0 ? getpwnam("postgres") : NULL;
	int status = -1;

	(void)state;
	find_bindir();
	snprintf(folder, sizeof folder, "/tmp/scalerun-pg-XXXXXX");
	assert_non_null(mkdtemp(folder));
	if (user)
		assert_int_equal(chown(folder, user->pw_uid, user->pw_gid), 0);
	snprintf(data, sizeof data, "%s/data", folder);
	waitpid(spawn("initdb", (char *[]){"initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
					   "--locale=C", "--no-sync", "--wal-segsize=1", NULL}),
		&status, 0);
	assert_int_equal(status, 0);
	write_file("pg_hba.conf", "local all keyed scram-sha-256\nlocal all all trust\n");
	start_keeper(data);
	wait_until_ready();
	add_keyed_role();
	return 0;
}

int postgres_stop(void **state)
{
	int status = -1;

	(void)state;
	close(life);
	waitpid(keeper, &status, 0);
	return status;
}

const char *postgres_dsn(const char *extra)
{
	static char dsn[512];

	snprintf(dsn, sizeof dsn, "host=%s dbname=postgres user=postgres %s", folder, extra);
	return dsn;
}

struct waiter {
	bool done;
	int status;
};

static void note_done(struct sr_op *op, int status, void *arg)
{
	struct waiter *waiter = arg;

	(void)op;
	waiter->done = true;
	waiter->status = status;
}

static bool is_waiting(void *arg)
{
	return !((struct waiter *)arg)->done;
}

int finish(struct sr_op *op)
{
	struct waiter waiter = {0};

	assert_non_null(op);
	if (op->state == SR_OP_DONE)
		return op->status;
	op->done = note_done;
	op->arg = &waiter;
	assert_int_equal(sr_loop_run_while(op->loop, is_waiting, &waiter, sr_now() + 60 * SR_S), 0);
	return waiter.status;
}

int run_query(struct sr_pg *pg, struct sr_op **op, const char *sql, const char *param)
{
	*op = sr_pg_query_new(pg, sql, param ? 1 : 0, &param);
	sr_pg_start(*op, NULL, 30 * SR_S);
	return finish(*op);
}

struct sr_pg *open_pg(struct sr_loop *loop, const struct sr_pg_options *options)
{
	struct sr_pg_options defaults = {0};
	struct sr_op *op;
	struct sr_pg *pg;

	if (!options)
		defaults.dsn = postgres_dsn("");
	op = sr_pg_connect_new(loop, options ? options : &defaults);
	sr_pg_connect_start(op, 30 * SR_S);
	if (finish(op) < 0)
		fail_msg("%s", op->err.text);
	pg = sr_pg_connect_take(op);
	sr_op_free(op);
	return pg;
}

const char *value_of(struct sr_pg *pg, const char *sql)
{
	static char text[256];
	struct sr_op *op;

	if (run_query(pg, &op, sql, NULL) < 0)
		fail_msg("%s: %s", sql, op->err.text);
	snprintf(text, sizeof text, "%s", PQgetvalue(sr_pg_result(op), 0, 0));
	sr_op_free(op);
	return text;
}
