/* What is left when a process with children and temporary folders is killed: nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/clock.h"
#include "scalerun/engine/keeper.h"
#include "scalerun/engine/process.h"
#include "scalerun/engine/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

/* ---- helpers -------------------------------------------------------------------------------------- */

static void write_file(const char *folder, const char *name)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
}

static void make_folder(const char *folder, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", folder, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static bool exists(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0;
}

/* A folder with files, nested folders and links to `outside`. */
static void fill(const char *folder, const char *outside)
{
	char path[PATH_MAX / 4], nested[PATH_MAX / 2], link[PATH_MAX];
	for (int i = 0; i < 500; i++) {
		snprintf(nested, sizeof(nested), "file-%d", i);
		write_file(folder, nested);
	}
	make_folder(folder, "a", path, sizeof(path));
	make_folder(path, "b", nested, sizeof(nested));
	write_file(nested, "c");
	snprintf(link, sizeof(link), "%s/link", nested);
	assert_int_equal(symlink(outside, link), 0);
}

static int watch(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(fd >= 0);
	return fd;
}

static void expect_end(int pidfd)
{
	struct pollfd ended = {.fd = pidfd, .events = POLLIN};
	assert_int_equal(poll(&ended, 1, PATIENCE_MS), 1);
	close(pidfd);
}

/* ---- the process that is killed: this program again, with an argument --------------------------- */

struct notes {
	pid_t keeper;
	pid_t child;
	pid_t grandchild;
	char folder[64];
};

/* The only child of the main thread is the keeper; the others are the spawning thread's. */
static pid_t keeper_pid(void)
{
	char path[64];
	int pid = -1;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "r");
	if (!file || fscanf(file, "%d", &pid) != 1)
		exit(1);
	fclose(file);
	return pid;
}

static void set_done(struct sr_op *op, int status, void *arg)
{
	(void)op;
	(void)status;
	*(bool *)arg = true;
}

static bool unset(void *arg)
{
	return !*(bool *)arg;
}

static void doomed_main(const char *outside, const char *script)
{
	struct notes notes = {.folder = "/tmp/sr-keeper-XXXXXX"};
	struct sr_error err;
	struct sr_loop *loop;
	struct sr_process *process;
	if (sr_keeper_start(&err) < 0 || !mkdtemp(notes.folder) || sr_keeper_register_dir(notes.folder, &err) < 0)
		exit(1);
	notes.keeper = keeper_pid();
	fill(notes.folder, outside);
	struct sr_process_options options = {
	    .argv = (const char *const[]){"sh", "-c", script, NULL},
	    .cwd = notes.folder,
	    .out = {.kind = SR_STDIO_PIPE},
	    .grace = 100 * SR_MS,
	};
	if (sr_loop_new(&loop, &err) < 0 || sr_process_spawn(&process, loop, &options, &err) < 0)
		exit(1);
	notes.child = sr_process_pid(process);
	bool done = false;
	struct sr_process_read *line = sr_process_read_new(process, 1, SR_READ_LINE);
	line->op.done = set_done;
	line->op.arg = &done;
	sr_process_read_start(line, 10 * SR_S);
	if (sr_loop_run_while(loop, unset, &done, SR_NEVER) < 0 || line->op.status < 0)
		exit(1);
	notes.grandchild = atoi(sr_buf_cstr(&line->data));
	if (write(STDOUT_FILENO, &notes, sizeof(notes)) != (ssize_t)sizeof(notes))
		exit(1);
	for (;;)
		pause();
}

static pid_t start_doomed(const char *outside, const char *script, struct notes *notes)
{
	int fds[2];
	assert_int_equal(pipe(fds), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execl("/proc/self/exe", "keeper_test", "doomed", outside, script, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], notes, sizeof(*notes)), sizeof(*notes));
	close(fds[0]);
	return pid;
}

/* ---- tests ---------------------------------------------------------------------------------------- */

static void kill_and_expect_nothing(const char *script, int sig)
{
	char outside[] = "/tmp/sr-outside-XXXXXX";
	char kept[64];
	struct notes notes;
	assert_non_null(mkdtemp(outside));
	write_file(outside, "kept");
	snprintf(kept, sizeof(kept), "%s/kept", outside);
	pid_t pid = start_doomed(outside, script, &notes);
	int keeper = watch(notes.keeper);
	int child = watch(notes.child);
	int grandchild = watch(notes.grandchild);
	assert_true(exists(notes.folder));
	kill(pid, sig);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	expect_end(child);
	expect_end(grandchild);
	expect_end(keeper);
	assert_false(exists(notes.folder));
	assert_true(exists(kept)); /* links were removed, not followed */
	unlink(kept);
	rmdir(outside);
}

static void test_kill_9(void **state)
{
	(void)state;
	kill_and_expect_nothing("sleep 1000 & echo $!; sleep 1000", SIGKILL);
}

static void test_crash(void **state)
{
	(void)state;
	kill_and_expect_nothing("sleep 1000 & echo $!; sleep 1000", SIGABRT);
}

static void test_descendants_that_ignore_the_polite_signal(void **state)
{
	(void)state;
	kill_and_expect_nothing("trap '' TERM; sleep 1000 & echo $!; while :; do sleep 1; done", SIGKILL);
}

static void test_forgotten_folder_stays(void **state)
{
	(void)state;
	struct sr_error err;
	assert_int_equal(sr_keeper_start(&err), 0);
	int first = sr_keeper_register_dir("/tmp/sr-keeper-none", &err);
	assert_true(first >= 0);
	sr_keeper_forget(first);
	assert_int_equal(sr_keeper_register_dir("/tmp/sr-keeper-none", &err), first);
	sr_keeper_forget(first);
}

static void test_refused_folders(void **state)
{
	(void)state;
	struct sr_error err;
	char longest[SR_KEEPER_PATH + 1];
	memset(longest, 'x', sizeof(longest));
	longest[0] = '/';
	longest[SR_KEEPER_PATH] = 0;
	assert_int_equal(sr_keeper_register_dir("relative", &err), -SR_EINVAL);
	assert_int_equal(sr_keeper_register_dir("/", &err), -SR_EINVAL);
	assert_int_equal(sr_keeper_register_dir("//", &err), -SR_EINVAL);
	assert_int_equal(sr_keeper_register_dir("", &err), -SR_EINVAL);
	assert_int_equal(sr_keeper_register_dir(longest, &err), -SR_EINVAL);
	assert_int_equal(sr_keeper_register_group(0, SIGTERM, 0, &err), -SR_EINVAL);
	assert_int_equal(sr_keeper_register_group(1, SIGTERM, 0, &err), -SR_EINVAL);
}

static void test_places_are_bounded(void **state)
{
	(void)state;
	struct sr_error err;
	int tokens[SR_KEEPER_DIRS];
	for (int i = 0; i < SR_KEEPER_DIRS; i++) {
		tokens[i] = sr_keeper_register_dir("/tmp/sr-keeper-none", &err);
		assert_true(tokens[i] >= 0);
	}
	assert_int_equal(sr_keeper_register_dir("/tmp/sr-keeper-none", &err), -SR_ELIMIT);
	for (int i = 0; i < SR_KEEPER_DIRS; i++)
		sr_keeper_forget(tokens[i]);
}

static void test_remove_tree(void **state)
{
	(void)state;
	char outside[] = "/tmp/sr-outside-XXXXXX";
	char folder[] = "/tmp/sr-tree-XXXXXX";
	char path[PATH_MAX];
	assert_non_null(mkdtemp(outside));
	assert_non_null(mkdtemp(folder));
	fill(folder, outside);
	assert_int_equal(sr_tree_remove(folder), 0);
	assert_false(exists(folder));
	assert_true(exists(outside));
	assert_int_equal(sr_tree_remove(folder), 0); /* is gone already */
	/* A link named with a slash at its end is still only a link. */
	snprintf(path, sizeof(path), "%s.link/", outside);
	write_file(outside, "kept");
	path[strlen(path) - 1] = 0;
	assert_int_equal(symlink(outside, path), 0);
	path[strlen(path)] = '/';
	assert_int_equal(sr_tree_remove(path), 0);
	snprintf(path, sizeof(path), "%s/kept", outside);
	assert_true(exists(path));
	assert_int_equal(sr_tree_remove(path), 0);
	assert_int_equal(rmdir(outside), 0);
	assert_int_equal(sr_tree_remove("/proc/self/no-such-file"), 0);
	assert_true(sr_tree_remove("/proc/self/status") < 0);
}

static void test_remove_too_deep(void **state)
{
	(void)state;
	char folder[] = "/tmp/sr-tree-XXXXXX";
	assert_non_null(mkdtemp(folder));
	int fd = open(folder, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(mkdirat(fd, "d", 0700), 0);
		int next = openat(fd, "d", O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = next;
	}
	close(fd);
	assert_int_equal(sr_tree_remove(folder), -ELOOP);
	/* A deeper start reaches the rest. */
	char path[PATH_MAX];
	size_t len = (size_t)snprintf(path, sizeof(path), "%s", folder);
	for (int i = 0; i < 150; i++)
		len += (size_t)snprintf(path + len, sizeof(path) - len, "/d");
	assert_int_equal(sr_tree_remove(path), 0);
	assert_int_equal(sr_tree_remove(folder), 0);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "doomed") == 0)
		doomed_main(argv[2], argv[3]);
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_remove_tree),
	    cmocka_unit_test(test_remove_too_deep),
	    cmocka_unit_test(test_forgotten_folder_stays),
	    cmocka_unit_test(test_refused_folders),
	    cmocka_unit_test(test_places_are_bounded),
	    cmocka_unit_test(test_kill_9),
	    cmocka_unit_test(test_crash),
	    cmocka_unit_test(test_descendants_that_ignore_the_polite_signal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
