/* The line editor, at the end of a pipe and in a pseudo-terminal: standard input and output are its own, so each test
 * puts others in their place. */
#include "op_fixture.h"

#include "scalerun/host/editor.h"

#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static int kept_in, kept_out; /* the test program's own streams */
static int far_end;           /* what is written here is typed */
static char asked[64];        /* what was to be completed */

static void complete(void *arg, const char *text, struct sr_buf *insert, struct sr_buf *listing)
{
	(void)arg;
	(void)listing;
	snprintf(asked, sizeof(asked), "%s", text);
	sr_buf_append(insert, "ete", 3);
}

static struct sr_editor *open_editor(const char *history)
{
	struct sr_editor_options options = {.loop = loop, .history = history, .complete = complete};
	struct sr_editor *editor;
	struct sr_error err;

	assert_int_equal(sr_editor_open(&editor, &options, &err), 0);
	return editor;
}

static void keep_streams(void)
{
	fflush(stdout);
	kept_in = dup(STDIN_FILENO);
	kept_out = dup(STDOUT_FILENO);
}

static int use_pipe(void **state)
{
	int ends[2];

	keep_streams();
	assert_int_equal(pipe(ends), 0);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	far_end = ends[1];
	return open_loop(state);
}

static int use_terminal(void **state)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	int near_end;

	keep_streams();
	setenv("TERM", "vt100", 1);
	assert_int_equal(openpty(&far_end, &near_end, NULL, NULL, &size), 0);
	dup2(near_end, STDIN_FILENO);
	dup2(near_end, STDOUT_FILENO);
	close(near_end);
	return open_loop(state);
}

static int restore(void **state)
{
	fflush(stdout);
	dup2(kept_in, STDIN_FILENO);
	dup2(kept_out, STDOUT_FILENO);
	close(kept_in);
	close(kept_out);
	if (far_end >= 0)
		close(far_end);
	return free_loop(state);
}

static void type(const char *keys)
{
	assert_int_equal(write(far_end, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static struct sr_op *begin_read(struct sr_editor *editor)
{
	struct sr_error err;
	struct sr_op *op = sr_editor_read(editor, "> ", &err);

	assert_non_null(op);
	op->done = ignore_done;
	return op;
}

static void expect_line(struct sr_op *op, enum sr_editor_outcome outcome, const char *expected)
{
	const char *text;
	size_t len;

	assert_int_equal(finish(op), 0);
	assert_int_equal(sr_editor_result(op, &text, &len), outcome);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(text, expected, len);
	sr_op_free(op);
}

static bool is_cooked(void)
{
	struct termios mode;

	return tcgetattr(STDIN_FILENO, &mode) == 0 && (mode.c_lflag & ICANON);
}

/* Begins a read and types once the editor has the terminal: before, the terminal would take keys for its own. */
static struct sr_op *type_at_prompt(struct sr_editor *editor, const char *keys)
{
	struct sr_op *op = begin_read(editor);
	int64_t deadline = sr_now() + PATIENCE;

	while (is_cooked() && sr_now() < deadline)
		usleep(1000);
	type(keys);
	return op;
}

static void test_reads_lines_of_a_pipe(void **state)
{
	struct sr_editor *editor = open_editor(NULL);

	(void)state;
	type("one\n\ntwo\nlast");
	close(far_end);
	far_end = -1;
	expect_line(begin_read(editor), SR_EDITOR_LINE, "one");
	expect_line(begin_read(editor), SR_EDITOR_LINE, "");
	expect_line(begin_read(editor), SR_EDITOR_LINE, "two");
	expect_line(begin_read(editor), SR_EDITOR_LINE, "last");
	expect_line(begin_read(editor), SR_EDITOR_END, "");
	sr_editor_close(editor);
}

static void test_a_read_can_be_cancelled(void **state)
{
	struct sr_editor *editor = open_editor(NULL);
	struct sr_op *op = begin_read(editor);
	struct sr_error err;

	(void)state;
	assert_null(sr_editor_read(editor, "> ", &err));
	assert_int_equal(err.code, SR_ESTATE);
	sr_op_cancel(op);
	assert_int_equal(finish(op), -SR_ECANCEL);
	sr_op_free(op);
	type("after\n");
	expect_line(begin_read(editor), SR_EDITOR_LINE, "after");
	sr_editor_close(editor);
}

static void test_closes_without_a_read(void **state)
{
	(void)state;
	sr_editor_close(open_editor(NULL));
	sr_editor_close(NULL);
}

static void test_edits_on_a_terminal(void **state)
{
	struct sr_editor *editor = open_editor(NULL);

	(void)state;
	expect_line(type_at_prompt(editor, "abX\x7f"
					   "d\x02"
					   "c\n"),
		    SR_EDITOR_LINE, "abcd");
	expect_line(type_at_prompt(editor, "gr\xc3\xbcn\n"), SR_EDITOR_LINE, "gr\xc3\xbcn");
	sr_editor_close(editor);
}

static void test_completes_on_the_loop(void **state)
{
	struct sr_editor *editor = open_editor(NULL);

	(void)state;
	asked[0] = '\0';
	expect_line(type_at_prompt(editor, "x.compl\t()\n"), SR_EDITOR_LINE, "x.complete()");
	assert_string_equal(asked, "x.compl");
	sr_editor_close(editor);
}

static void test_keys_that_end_a_read(void **state)
{
	struct sr_editor *editor = open_editor(NULL);

	(void)state;
	expect_line(type_at_prompt(editor, "half\x03"), SR_EDITOR_INTERRUPTED, "");
	expect_line(type_at_prompt(editor, "whole\n"), SR_EDITOR_LINE, "whole");
	expect_line(type_at_prompt(editor, "\x04"), SR_EDITOR_END, "");
	sr_editor_close(editor);
}

static void test_leaves_the_terminal_as_it_was(void **state)
{
	struct sr_editor *editor = open_editor(NULL);
	struct termios before, after;
	struct sr_op *op;

	(void)state;
	assert_int_equal(tcgetattr(STDIN_FILENO, &before), 0);
	op = type_at_prompt(editor, "half");
	sr_op_cancel(op);
	assert_int_equal(finish(op), -SR_ECANCEL);
	sr_op_free(op);
	sr_editor_close(editor);
	assert_int_equal(tcgetattr(STDIN_FILENO, &after), 0);
	assert_int_equal(before.c_lflag, after.c_lflag);
	assert_int_equal(before.c_iflag, after.c_iflag);
}

static void test_keeps_a_history_of_its_owners(void **state)
{
	char path[] = "/tmp/scalerun-history-XXXXXX";
	struct sr_editor *editor;
	struct stat info;

	(void)state;
	close(mkstemp(path));
	chmod(path, 0644);
	editor = open_editor(path);
	expect_line(type_at_prompt(editor, "first\n"), SR_EDITOR_LINE, "first");
	sr_editor_close(editor);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	editor = open_editor(path);
	expect_line(type_at_prompt(editor, "\x10\n"), SR_EDITOR_LINE, "first");
	sr_editor_close(editor);
	unlink(path);
}

#define ON(where, test) cmocka_unit_test_setup_teardown(test, where, restore)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ON(use_pipe, test_reads_lines_of_a_pipe),
	    ON(use_pipe, test_a_read_can_be_cancelled),
	    ON(use_pipe, test_closes_without_a_read),
	    ON(use_terminal, test_edits_on_a_terminal),
	    ON(use_terminal, test_completes_on_the_loop),
	    ON(use_terminal, test_keys_that_end_a_read),
	    ON(use_terminal, test_leaves_the_terminal_as_it_was),
	    ON(use_terminal, test_keeps_a_history_of_its_owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
