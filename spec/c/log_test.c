#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *file; /* takes stderr's place during a test */
static int real_stderr;

static int redirect(void **state)
{
	(void)state;
	file = tmpfile();
	real_stderr = dup(STDERR_FILENO);
	return file && dup2(fileno(file), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int restore(void **state)
{
	(void)state;
	sr_log_set_level(SR_LOG_WARN);
	dup2(real_stderr, STDERR_FILENO);
	close(real_stderr);
	fclose(file);
	return 0;
}

/* All that was logged; the caller frees it. */
static char *logged(void)
{
	long len;
	char *text;

	fseek(file, 0, SEEK_END);
	len = ftell(file);
	rewind(file);
	text = calloc(1, (size_t)len + 1);
	assert_int_equal(fread(text, 1, (size_t)len, file), len);
	return text;
}

static void lines_carry_time_and_level(void **state)
{
	char *text;
	int year;

	(void)state;
	errno = EINTR;
	sr_log(SR_LOG_WARN, "%d late starts", 3);
	assert_int_equal(errno, EINTR);
	text = logged();
	assert_int_equal(sscanf(text, "%4d-", &year), 1);
	assert_string_equal(text + 24, " warn  3 late starts\n");
	free(text);
}

static void messages_above_the_level_are_dropped(void **state)
{
	char *text;

	(void)state;
	assert_int_equal(sr_log_level(), SR_LOG_WARN);
	sr_log(SR_LOG_INFO, "not this");
	sr_log_set_level(SR_LOG_DEBUG);
	sr_log(SR_LOG_DEBUG, "but this");
	sr_log_set_level(SR_LOG_ERROR);
	sr_log(SR_LOG_WARN, "nor this");
	text = logged();
	assert_null(strstr(text, "not this"));
	assert_null(strstr(text, "nor this"));
	assert_non_null(strstr(text, "debug but this\n"));
	free(text);
}

static void a_message_is_one_line_of_bounded_length(void **state)
{
	char message[10000], *text;

	(void)state;
	memset(message, 'x', sizeof(message) - 1);
	message[sizeof(message) - 1] = '\0';
	message[10] = '\n';
	sr_log(SR_LOG_ERROR, "%s", message);
	text = logged();
	assert_true(strlen(text) <= 4096);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	free(text);
}

enum { THREADS = 4, LINES = 500 };

static void *chatter(void *arg)
{
	for (int i = 0; i < LINES; i++)
		sr_log(SR_LOG_ERROR, "thread %c%c%c%c", *(char *)arg, *(char *)arg, *(char *)arg, *(char *)arg);
	return NULL;
}

static void lines_of_many_threads_stay_whole(void **state)
{
	pthread_t threads[THREADS];
	char letters[THREADS], *text, *rest, *line;
	int lines = 0;

	(void)state;
	for (int i = 0; i < THREADS; i++) {
		letters[i] = (char)('a' + i);
		assert_int_equal(pthread_create(&threads[i], NULL, chatter, &letters[i]), 0);
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	text = rest = logged();
	while ((line = strsep(&rest, "\n")) && *line) {
		assert_int_equal(strlen(line), 24 + 7 + 11);
		assert_memory_equal(line + 24, " error thread ", 14);
		assert_true(line[38] == line[39] && line[39] == line[40] && line[40] == line[41]);
		lines++;
	}
	assert_int_equal(lines, THREADS * LINES);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(lines_carry_time_and_level, redirect, restore),
	    cmocka_unit_test_setup_teardown(messages_above_the_level_are_dropped, redirect, restore),
	    cmocka_unit_test_setup_teardown(a_message_is_one_line_of_bounded_length, redirect, restore),
	    cmocka_unit_test_setup_teardown(lines_of_many_threads_stay_whole, redirect, restore),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
