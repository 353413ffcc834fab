/* Children: started as told, read and written through bounded pipes, waited for, ended. */
#include "op_fixture.h"

#include "private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void close_process(struct sr_process *process)
{
	bool closed = false;
	sr_process_close(process, set, &closed);
	assert_false(closed);
	await_set(&closed);
}

static struct sr_process *spawn(const struct sr_process_options *options)
{
	struct sr_process *process = NULL;
	struct sr_error err = {0};
	if (sr_process_spawn(&process, loop, options, &err) < 0)
		fail_msg("%s: %s", err.op, err.text);
	return process;
}

#define SHELL(script) ((const char *const[]){"sh", "-c", script, NULL})

static struct sr_process *spawn_shell(const char *script)
{
	return spawn(&(struct sr_process_options){
	    .argv = SHELL(script),
	    .in = SR_STDIO_PIPE,
	    .out = {.kind = SR_STDIO_PIPE},
	    .err = {.kind = SR_STDIO_PIPE},
	});
}

static struct sr_process_status wait_end(struct sr_process *process)
{
	struct sr_op *op = sr_process_wait_new(process);
	op->done = ignore_done;
	sr_process_wait_start(op, true, PATIENCE);
	assert_int_equal(finish(op), 0);
	sr_op_free(op);
	return sr_process_status(process);
}

static struct sr_process_read *start_read(struct sr_process *process, int fd, enum sr_process_read_mode mode)
{
	struct sr_process_read *op = sr_process_read_new(process, fd, mode);
	op->op.done = ignore_done;
	sr_process_read_start(op, PATIENCE);
	return op;
}

/* The text of a read that must succeed, or NULL at the end. The caller frees it. */
static char *read_text(struct sr_process *process, int fd, enum sr_process_read_mode mode)
{
	struct sr_process_read *op = start_read(process, fd, mode);
	char *text = NULL;
	assert_int_equal(finish(&op->op), 0);
	if (!op->eof)
		text = strdup(sr_buf_cstr(&op->data));
	sr_op_free(&op->op);
	return text;
}

static void expect_text(struct sr_process *process, int fd, enum sr_process_read_mode mode, const char *expected)
{
	char *text = read_text(process, fd, mode);
	assert_non_null(text);
	assert_string_equal(text, expected);
	free(text);
}

static void expect_output(const struct sr_process_options *options, const char *expected)
{
	struct sr_process_options piped = *options;
	piped.out.kind = SR_STDIO_PIPE;
	struct sr_process *process = spawn(&piped);
	expect_text(process, 1, SR_READ_ALL, expected);
	assert_int_equal(wait_end(process).code, 0);
	close_process(process);
}

/* Waits for the end of a process that need not be a child of ours. */
static void expect_gone(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (fd < 0) {
		assert_int_equal(errno, ESRCH);
		return;
	}
	struct pollfd ended = {.fd = fd, .events = POLLIN};
	assert_int_equal(poll(&ended, 1, 20000), 1);
	close(fd);
}

/* ---- starting ------------------------------------------------------------------------------------- */

static void test_exit_code(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("exit 7");
	struct sr_process_status status = wait_end(process);
	assert_true(status.ended);
	assert_int_equal(status.code, 7);
	assert_int_equal(status.signal, 0);
	close_process(process);
}

static void test_no_program(void **state)
{
	(void)state;
	struct sr_process *process;
	struct sr_error err;
	const char *const argv[] = {"no-such-program", NULL};
	int rc = sr_process_spawn(&process, loop, &(struct sr_process_options){.argv = argv}, &err);
	assert_int_equal(rc, -SR_EIO);
	assert_string_equal(err.op, "process.spawn");
	assert_string_equal(err.text, "cannot run 'no-such-program': No such file or directory");
	assert_string_equal(err.detail, "ENOENT");
	const char *const folder[] = {"/", NULL};
	assert_int_equal(sr_process_spawn(&process, loop, &(struct sr_process_options){.argv = folder}, &err), -SR_EIO);
	assert_string_equal(err.detail, "EACCES");
	const char *const none[] = {NULL};
	assert_int_equal(sr_process_spawn(&process, loop, &(struct sr_process_options){.argv = none}, &err),
			 -SR_EINVAL);
}

static void test_no_folder(void **state)
{
	(void)state;
	struct sr_process *process;
	struct sr_error err;
	struct sr_process_options options = {.argv = SHELL("true"), .cwd = "/no/such/folder"};
	assert_int_equal(sr_process_spawn(&process, loop, &options, &err), -SR_EIO);
	assert_string_equal(err.text, "cannot run 'sh' in the folder '/no/such/folder': No such file or directory");
}

static void test_environment(void **state)
{
	(void)state;
	const char *const env[] = {"SR_TEST_B=new", "SR_TEST_C=3", "SR_TEST_D", NULL};
	setenv("SR_TEST_A", "1", 1);
	setenv("SR_TEST_B", "old", 1);
	setenv("SR_TEST_D", "4", 1);
	expect_output(
	    &(struct sr_process_options){.argv = SHELL("echo $SR_TEST_A $SR_TEST_B $SR_TEST_C ${SR_TEST_D-none}"),
					 .env = env},
	    "1 new 3 none\n");
	expect_output(
	    &(struct sr_process_options){.argv = SHELL("echo $SR_TEST_A $SR_TEST_B"), .env = env, .clear_env = true},
	    "new\n");
}

static void test_path_of_the_child(void **state)
{
	(void)state;
	struct sr_process *process;
	struct sr_error err;
	const char *const env[] = {"PATH=/no/such/folder", NULL};
	struct sr_process_options options = {.argv = SHELL("true"), .env = env};
	assert_int_equal(sr_process_spawn(&process, loop, &options, &err), -SR_EIO);
	expect_output(&(struct sr_process_options){.argv = (const char *const[]){"/bin/sh", "-c", "echo $PATH", NULL},
						   .env = env},
		      "/no/such/folder\n");
}

static void test_folder(void **state)
{
	(void)state;
	expect_output(&(struct sr_process_options){.argv = SHELL("pwd"), .cwd = "/usr"}, "/usr\n");
}

static void test_user(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	expect_output(
	    &(struct sr_process_options){
		.argv = SHELL("id -u; id -g; id -G"), .set_user = true, .uid = 65534, .gid = 65533, .cwd = "/"},
	    "65534\n65533\n65533\n");
}

static void test_own_user(void **state)
{
	(void)state;
	char expected[32];
	snprintf(expected, sizeof(expected), "%u\n", (unsigned)geteuid());
	expect_output(
	    &(struct sr_process_options){.argv = SHELL("id -u"), .set_user = true, .uid = geteuid(), .gid = getegid()},
	    expected);
}

static void test_no_descriptor_leaks(void **state)
{
	(void)state;
	int fd = fcntl(2, F_DUPFD, 50); /* without close-on-exec */
	assert_true(fd >= 50);
	/* 3 is the folder that ls reads. */
	expect_output(&(struct sr_process_options){.argv = (const char *const[]){"ls", "/proc/self/fd", NULL}},
		      "0\n1\n2\n3\n");
	close(fd);
}

static void test_signals_are_reset(void **state)
{
	(void)state;
	void (*before)(int) = signal(SIGTERM, SIG_IGN);
	struct sr_process *process = spawn_shell("kill -TERM $$; echo survived");
	assert_int_equal(wait_end(process).signal, SIGTERM);
	close_process(process);
	signal(SIGTERM, before);
}

/* ---- pipes ---------------------------------------------------------------------------------------- */

static void test_lines(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("printf 'one\\n\\nthree'; echo error >&2");
	expect_text(process, 1, SR_READ_LINE, "one");
	expect_text(process, 1, SR_READ_LINE, "");
	expect_text(process, 1, SR_READ_LINE, "three");
	assert_null(read_text(process, 1, SR_READ_LINE));
	assert_null(read_text(process, 1, SR_READ_LINE));
	expect_text(process, 2, SR_READ_LINE, "error");
	wait_end(process);
	close_process(process);
}

static void test_line_arrives_in_parts(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("printf one; read x; printf two; read x; echo three");
	struct sr_process_read *line = start_read(process, 1, SR_READ_LINE);
	for (int i = 0; i < 2; i++) {
		struct sr_op *op = sr_process_write_new(process, "go\n", 3);
		op->done = ignore_done;
		sr_process_write_start(op, PATIENCE);
		assert_int_equal(finish(op), 0);
		sr_op_free(op);
	}
	assert_int_equal(finish(&line->op), 0);
	assert_string_equal(sr_buf_cstr(&line->data), "onetwothree");
	sr_op_free(&line->op);
	wait_end(process);
	close_process(process);
}

static void test_many_lines(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
	for (int i = 0; i < 20000; i++) {
		char expected[32];
		snprintf(expected, sizeof(expected), "line %d", i);
		expect_text(process, 1, SR_READ_LINE, expected);
	}
	assert_null(read_text(process, 1, SR_READ_LINE));
	wait_end(process);
	close_process(process);
}

static struct sr_process *spawn_bounded(const char *script, size_t max)
{
	return spawn(
	    &(struct sr_process_options){.argv = SHELL(script), .out = {.kind = SR_STDIO_PIPE}, .pipe_max = max});
}

static void test_output_is_bounded(void **state)
{
	(void)state;
	struct sr_process *process = spawn_bounded("head -c 3000000 /dev/zero", 1000);
	struct sr_process_read *op = start_read(process, 1, SR_READ_ALL);
	assert_int_equal(finish(&op->op), -SR_ELIMIT);
	assert_string_equal(op->op.err.text, "more than 1000 bytes of output to keep");
	sr_op_free(&op->op);
	op = start_read(process, 1, SR_READ_LINE);
	assert_int_equal(finish(&op->op), -SR_ELIMIT);
	sr_op_free(&op->op);
	struct sr_op *wait = sr_process_wait_new(process);
	wait->done = ignore_done;
	sr_process_wait_start(wait, true, PATIENCE);
	assert_int_equal(finish(wait), -SR_ELIMIT);
	sr_op_free(wait);
	/* A reader that takes what there is gets all of it, however small the buffer. */
	size_t total = 0;
	for (;;) {
		op = start_read(process, 1, SR_READ_SOME);
		assert_int_equal(finish(&op->op), 0);
		bool eof = op->eof;
		total += op->data.len;
		assert_true(op->data.len <= 1000);
		sr_op_free(&op->op);
		if (eof)
			break;
	}
	assert_int_equal(total, 3000000);
	assert_int_equal(wait_end(process).code, 0);
	close_process(process);
}

static void test_one_reader_at_a_time(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("read x");
	struct sr_process_read *first = start_read(process, 1, SR_READ_LINE);
	struct sr_process_read *second = start_read(process, 1, SR_READ_LINE);
	assert_int_equal(finish(&second->op), -SR_ESTATE);
	sr_op_cancel(&first->op);
	assert_int_equal(finish(&first->op), -SR_ECANCEL);
	sr_op_free(&first->op);
	sr_op_free(&second->op);
	close_process(process);
}

static void test_not_a_pipe(void **state)
{
	(void)state;
	struct sr_process *process = spawn(&(struct sr_process_options){.argv = SHELL("true")});
	struct sr_process_read *op = start_read(process, 2, SR_READ_LINE);
	assert_int_equal(finish(&op->op), -SR_EINVAL);
	assert_string_equal(op->op.err.text, "stderr of this process is not a pipe");
	sr_op_free(&op->op);
	struct sr_op *write_op = sr_process_write_new(process, "x", 1);
	write_op->done = ignore_done;
	sr_process_write_start(write_op, PATIENCE);
	assert_int_equal(finish(write_op), -SR_ESTATE);
	sr_op_free(write_op);
	wait_end(process);
	close_process(process);
}

static void test_stdin(void **state)
{
	(void)state;
	size_t size = 1000000;
	char *text = malloc(size);
	memset(text, 'x', size);
	struct sr_process *process = spawn_shell("wc -c");
	struct sr_op *op = sr_process_write_new(process, text, size);
	op->done = ignore_done;
	sr_process_write_start(op, PATIENCE);
	sr_process_close_stdin(process);
	assert_int_equal(finish(op), 0);
	sr_op_free(op);
	expect_text(process, 1, SR_READ_LINE, "1000000");
	assert_int_equal(wait_end(process).code, 0);
	close_process(process);
	free(text);
}

static void test_stdin_closed_by_the_child(void **state)
{
	(void)state;
	size_t size = 1000000;
	char *text = calloc(1, size);
	struct sr_process *process = spawn_shell("exec <&-; echo closed; read x </dev/tty || sleep 1000");
	expect_text(process, 1, SR_READ_LINE, "closed");
	struct sr_op *op = sr_process_write_new(process, text, size);
	op->done = ignore_done;
	sr_process_write_start(op, PATIENCE);
	assert_int_equal(finish(op), -SR_ECLOSED);
	sr_op_free(op);
	close_process(process);
	free(text);
}

static void test_files(void **state)
{
	(void)state;
	char folder[] = "/tmp/sr-process-XXXXXX";
	char path[64], text[64] = {0};
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
	for (int i = 0; i < 2; i++) {
		struct sr_process *process = spawn(&(struct sr_process_options){
		    .argv = SHELL("echo out; echo err >&2"),
		    .out = {.kind = SR_STDIO_FILE, .path = path},
		    .err = {.kind = SR_STDIO_STDOUT},
		});
		wait_end(process);
		close_process(process);
	}
	FILE *file = fopen(path, "r");
	assert_int_equal(fread(text, 1, sizeof(text) - 1, file), 16);
	fclose(file);
	assert_string_equal(text, "out\nerr\nout\nerr\n");
	struct sr_process *process;
	struct sr_error err;
	struct sr_process_options options = {.argv = SHELL("true"),
					     .out = {.kind = SR_STDIO_FILE, .path = "/no/such/folder/log"}};
	assert_int_equal(sr_process_spawn(&process, loop, &options, &err), -SR_EIO);
	assert_non_null(strstr(err.text, "/no/such/folder/log"));
	unlink(path);
	rmdir(folder);
}

/* ---- ending --------------------------------------------------------------------------------------- */

static void test_wait_deadline(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("read x; exit 3");
	struct sr_op *op = sr_process_wait_new(process);
	op->done = ignore_done;
	sr_process_wait_start(op, false, SR_MS);
	assert_int_equal(finish(op), -SR_ETIMEOUT);
	sr_op_free(op);
	assert_false(sr_process_status(process).ended);
	sr_process_close_stdin(process);
	assert_int_equal(wait_end(process).code, 3);
	assert_int_equal(wait_end(process).code, 3);
	close_process(process);
}

static void test_signal(void **state)
{
	(void)state;
	struct sr_error err;
	struct sr_process *process = spawn_shell("echo ready; sleep 1000");
	expect_text(process, 1, SR_READ_LINE, "ready");
	assert_int_equal(sr_process_signal(process, 0, &err), -SR_EINVAL);
	assert_int_equal(sr_process_signal(process, SIGKILL, &err), 0);
	assert_int_equal(wait_end(process).signal, SIGKILL);
	assert_int_equal(sr_process_status(process).code, -1);
	assert_int_equal(sr_process_signal(process, SIGKILL, &err), -SR_ESTATE);
	close_process(process);
}

static void stop(struct sr_process *process, int64_t grace)
{
	struct sr_op *op = sr_process_stop_new(process);
	op->done = ignore_done;
	sr_process_stop_start(op, grace);
	assert_int_equal(finish(op), 0);
	sr_op_free(op);
}

static void test_stop_is_polite(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done");
	expect_text(process, 1, SR_READ_LINE, "ready");
	stop(process, PATIENCE);
	assert_int_equal(sr_process_status(process).code, 9);
	stop(process, PATIENCE); /* a second time is no error */
	close_process(process);
}

static void test_stop_insists(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("trap '' TERM; echo ready; sleep 1000; sleep 1000");
	expect_text(process, 1, SR_READ_LINE, "ready");
	stop(process, SR_MS);
	assert_int_equal(sr_process_status(process).signal, SIGKILL);
	close_process(process);
}

static void test_group_ends_with_its_leader(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("sleep 1000 & echo $!");
	char *text = read_text(process, 1, SR_READ_LINE);
	pid_t sleeper = atoi(text);
	free(text);
	assert_int_equal(wait_end(process).code, 0); /* drained: the sleeper held the pipe open */
	expect_gone(sleeper);
	close_process(process);
}

static void test_close_kills(void **state)
{
	(void)state;
	struct sr_process *process = spawn_shell("sleep 1000");
	pid_t pid = sr_process_pid(process);
	close_process(process);
	assert_int_equal(kill(pid, 0), -1); /* not even a zombie */
	assert_int_equal(errno, ESRCH);
}

static void *spawn_in_thread(void *arg)
{
	*(struct sr_process **)arg = spawn_shell("read x; exit 5");
	return NULL;
}

/* PR_SET_PDEATHSIG fires at the end of the thread that forked: that must not be the caller's. */
static void test_child_outlives_the_thread_that_asked(void **state)
{
	(void)state;
	pthread_t thread;
	struct sr_process *process = NULL;
	assert_int_equal(pthread_create(&thread, NULL, spawn_in_thread, &process), 0);
	pthread_join(thread, NULL);
	sr_process_close_stdin(process);
	assert_int_equal(wait_end(process).code, 5);
	close_process(process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_exit_code, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_no_program, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_no_folder, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_environment, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_path_of_the_child, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_folder, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_user, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_own_user, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_no_descriptor_leaks, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_signals_are_reset, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_lines, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_line_arrives_in_parts, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_many_lines, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_output_is_bounded, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_one_reader_at_a_time, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_not_a_pipe, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_stdin, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_stdin_closed_by_the_child, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_files, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_wait_deadline, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_signal, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_stop_is_polite, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_stop_insists, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_group_ends_with_its_leader, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_close_kills, open_loop, free_loop),
	    cmocka_unit_test_setup_teardown(test_child_outlives_the_thread_that_asked, open_loop, free_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
