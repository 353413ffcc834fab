#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/engine/history_file.h"
#include "scalerun/engine/zfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];

static int make_path(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/scalerun-zfile-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

static void write_lines(int from, int to)
{
	struct sr_zfile *file;
	struct sr_error err;
	char line[64];

	assert_int_equal(sr_zfile_append(&file, path, &err), 0);
	for (int i = from; i < to; i++) {
		int len = snprintf(line, sizeof(line), "line %d %.*s\n", i, i % 30, "..............................");

		assert_int_equal(sr_zfile_write(file, line, (size_t)len, &err), 0);
	}
	assert_int_equal(sr_zfile_finish(file, &err), 0);
	sr_zfile_free(file);
}

static long size_of_file(void)
{
	FILE *stream = fopen(path, "rb");
	long size;

	fseek(stream, 0, SEEK_END);
	size = ftell(stream);
	fclose(stream);
	return size;
}

/* Lines until the end or the first failure, which is returned. */
static int read_lines(int *count, struct sr_error *err)
{
	struct sr_zfile *file;
	const char *line;
	size_t len;
	int rc;

	*count = 0;
	assert_int_equal(sr_zfile_open(&file, path, err), 0);
	while ((rc = sr_zfile_line(file, &line, &len, err)) > 0) {
		char expected[64];
		int size = snprintf(expected, sizeof(expected), "line %d %.*s", *count, *count % 30,
				    "..............................");

		assert_int_equal(len, size);
		assert_memory_equal(line, expected, len);
		++*count;
	}
	if (rc == 0)
		assert_int_equal(sr_zfile_line(file, &line, &len, err), 0);
	sr_zfile_free(file);
	return rc;
}

static void lines_of_several_frames_are_read_in_order(void **state)
{
	struct sr_error err;
	int count;

	(void)state;
	assert_int_equal(read_lines(&count, &err), 0); /* an empty file has no lines */
	assert_int_equal(count, 0);
	write_lines(0, 50000);
	write_lines(50000, 50001);
	write_lines(50001, 90000);
	assert_int_equal(read_lines(&count, &err), 0);
	assert_int_equal(count, 90000);
}

static void damage_is_noticed(void **state)
{
	struct sr_error err;
	FILE *stream;
	int count;
	long size;

	(void)state;
	write_lines(0, 20000);
	size = size_of_file();
	assert_int_equal(truncate(path, size - 9), 0);
	assert_int_equal(read_lines(&count, &err), -SR_EPROTO);
	assert_non_null(strstr(err.text, "ends too early"));

	assert_int_equal(truncate(path, 0), 0);
	write_lines(0, 20000);
	stream = fopen(path, "r+b");
	fseek(stream, size / 2, SEEK_SET);
	fwrite("\0\377\0\377", 1, 4, stream);
	fclose(stream);
	assert_int_equal(read_lines(&count, &err), -SR_EPROTO);
	assert_non_null(strstr(err.text, "is damaged"));

	stream = fopen(path, "wb");
	fwrite("plain text\n", 1, 11, stream);
	fclose(stream);
	assert_int_equal(read_lines(&count, &err), -SR_EPROTO);
}

static void a_line_without_an_end_is_noticed(void **state)
{
	struct sr_zfile *file;
	struct sr_error err;
	const char *line;
	size_t len;

	(void)state;
	assert_int_equal(sr_zfile_create(&file, path, &err), 0);
	assert_int_equal(sr_zfile_write(file, "one\ntw", 6, &err), 0);
	assert_int_equal(sr_zfile_finish(file, &err), 0);
	sr_zfile_free(file);
	assert_int_equal(sr_zfile_open(&file, path, &err), 0);
	assert_int_equal(sr_zfile_line(file, &line, &len, &err), 1);
	assert_int_equal(sr_zfile_line(file, &line, &len, &err), -SR_EPROTO);
	sr_zfile_free(file);
	assert_int_equal(sr_zfile_open(&file, "/nonexistent/file", &err), -SR_EIO);
}

static struct sr_text text(const char *string)
{
	return (struct sr_text){string, strlen(string)};
}

static void ops_are_read_as_they_were_written(void **state)
{
	struct sr_history_budget budget = {.most = 1 << 20};
	struct sr_history *history = sr_history_new(&budget), **parts;
	const struct sr_history *list[] = {history};
	struct sr_history_query query = {.parts = list, .count = 1};
	struct sr_history_labels labels = {.phase = "\"ph\\ase\"", .project = "alpha"};
	struct sr_history_op op = {
	    .scheduled = 1,
	    .started = INT64_C(123456789012345678),
	    .ended = INT64_C(123456789012345679),
	    .user = 2,
	    .iteration = 3,
	    .attempt = 4,
	    .kind = "id",
	    .f = "allocate",
	    .error = "http 500",
	    .replica = "a",
	    .key = text("k\n\x01\"\xc3\xa9"),
	    .input = text("{\"a\":[1,\"}\"]}"),
	    .output = text("[\"US-001\"]"),
	};
	struct sr_history_walk walk;
	struct sr_zfile *file;
	struct sr_error err;
	int count;

	(void)state;
	assert_int_equal(sr_history_label(history, &labels), 0);
	sr_history_add(history, &op);
	op.key = op.input = op.output = text("");
	op.error = op.replica = "";
	sr_history_add(history, &op);
	assert_int_equal(sr_history_seal(history, &err), 0);
	assert_int_equal(sr_zfile_create(&file, path, &err), 0);
	assert_int_equal(sr_history_write(&query, "S1", file, &err), 0);
	assert_int_equal(sr_zfile_finish(file, &err), 0);
	sr_zfile_free(file);
	sr_history_free(history);

	assert_int_equal(sr_zfile_open(&file, path, &err), 0);
	assert_int_equal(sr_history_read(file, &budget, &parts, &count, &err), 0);
	sr_zfile_free(file);
	assert_int_equal(count, 1);
	assert_string_equal(sr_history_labels(parts[0])->scenario, "S1");
	assert_string_equal(sr_history_labels(parts[0])->phase, "\"ph\\ase\"");
	list[0] = parts[0];
	sr_history_walk_begin(&walk, &query);
	assert_true(sr_history_walk_next(&walk, &op));
	assert_true(op.started == INT64_C(123456789012345678) && op.ended == op.started + 1 && op.scheduled == 1);
	assert_true(op.user == 2 && op.iteration == 3 && op.attempt == 4);
	assert_string_equal(op.error, "http 500");
	assert_int_equal(op.key.len, strlen("k\n\x01\"\xc3\xa9"));
	assert_memory_equal(op.key.data, "k\n\x01\"\xc3\xa9", op.key.len);
	assert_memory_equal(op.input.data, "{\"a\":[1,\"}\"]}", op.input.len);
	assert_memory_equal(op.output.data, "[\"US-001\"]", op.output.len);
	assert_true(sr_history_walk_next(&walk, &op));
	assert_int_equal(op.key.len + op.input.len + op.output.len + strlen(op.error), 0);
	assert_false(sr_history_walk_next(&walk, &op));
	sr_history_free(parts[0]);
	free(parts);
}

static void lines_in_other_words(void **state)
{
	static const struct {
		const char *line;
		int rc;
	} cases[] = {
	    {"{\"f\":\"x\",\"kind\":\"k\",\"project\":\"p\"}", 0},
	    {"{ \"new\" : [1, {\"a\": \"]\"}], \"f\": \"\\u00e9\\ud83d\\ude00\", \"kind\":\"k\", \"project\":\"p\" }",
	     0},
	    {"{}", -SR_EPROTO},
	    {"", -SR_EPROTO},
	    {"[]", -SR_EPROTO},
	    {"{\"f\":\"x\",\"kind\":\"k\"}", -SR_EPROTO},
	    {"{\"f\":\"x\",\"kind\":\"k\",\"project\":\"p\",\"user\":-1}", -SR_EPROTO},
	    {"{\"f\":\"x\",\"kind\":\"k\",\"project\":\"p\",\"user\":1.5}", -SR_EPROTO},
	    {"{\"f\":\"x\",\"kind\":\"k\",\"project\":\"p\",\"started_ns\":5,\"ended_ns\":4}", -SR_EPROTO},
	    {"{\"f\":\"x\\q\",\"kind\":\"k\",\"project\":\"p\"}", -SR_EPROTO},
	    {"{\"f\":\"x\\u00\",\"kind\":\"k\",\"project\":\"p\"}", -SR_EPROTO},
	    {"{\"f\":\"x\\u0000\",\"kind\":\"k\",\"project\":\"p\"}", -SR_EPROTO},
	    {"{\"f\":\"x\",\"kind\":\"k\",\"project\":\"p\",\"output\":[1}", -SR_EPROTO},
	    {"{\"f\":\"x\",\"kind\":\"k\",\"project\":\"p\"} more", -SR_EPROTO},
	    {"{\"f\":\"x\",\"kind\":\"k\",\"project\":\"p", -SR_EPROTO},
	    {"{\"f\":\"x\\", -SR_EPROTO},
	};
	struct sr_history_labels labels;
	struct sr_history_op op;
	struct sr_buf scratch;
	struct sr_error err;

	(void)state;
	sr_buf_init(&scratch, 1 << 20);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int rc = sr_history_parse(text(cases[i].line), &scratch, &op, &labels, &err);

		if (rc != cases[i].rc)
			fail_msg("%s: %d", cases[i].line, rc);
		if (i == 1)
			assert_string_equal(op.f, "\xc3\xa9\xf0\x9f\x98\x80");
	}
	sr_buf_deinit(&scratch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lines_of_several_frames_are_read_in_order, make_path, remove_path),
	    cmocka_unit_test_setup_teardown(damage_is_noticed, make_path, remove_path),
	    cmocka_unit_test_setup_teardown(a_line_without_an_end_is_noticed, make_path, remove_path),
	    cmocka_unit_test_setup_teardown(ops_are_read_as_they_were_written, make_path, remove_path),
	    cmocka_unit_test(lines_in_other_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
