/* API keys, the command line and the turns of faults. */
#include "fault.h"
#include "keys.h"
#include "options.h"

#include "scalerun/base/clock.h"

#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static int load(const char *text, struct sr_keys **keys, struct sr_error *err)
{
	const char *folder = getenv("TMPDIR");
	char path[512];
	int fd, rc;

	snprintf(path, sizeof(path), "%s/target_keys_XXXXXX", folder ? folder : "/tmp");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	rc = sr_keys_load(path, keys, err);
	unlink(path);
	return rc;
}

static void a_key_opens_one_project(void **state)
{
	struct sr_keys *keys;
	struct sr_error err;

	(void)state;
	assert_int_equal(load("{\"alpha\":\"0123456789abcdef\",\"beta\":\"0123456789abcdeg\"}", &keys, &err), 0);
	assert_int_equal(sr_keys_count(keys), 2);
	assert_string_equal(sr_keys_project(keys, sr_keys_authorize(keys, "Bearer 0123456789abcdef")), "alpha");
	assert_string_equal(sr_keys_project(keys, sr_keys_authorize(keys, "bearer  0123456789abcdeg ")), "beta");
	assert_int_equal(sr_keys_authorize(keys, NULL), -1);
	assert_int_equal(sr_keys_authorize(keys, ""), -1);
	assert_int_equal(sr_keys_authorize(keys, "Bearer"), -1);
	assert_int_equal(sr_keys_authorize(keys, "Bearer "), -1);
	assert_int_equal(sr_keys_authorize(keys, "Bearer 0123456789abcde"), -1);
	assert_int_equal(sr_keys_authorize(keys, "Bearer 0123456789abcdeh"), -1);
	assert_int_equal(sr_keys_authorize(keys, "Bearer 0123456789abcdefg"), -1);
	assert_int_equal(sr_keys_authorize(keys, "Basic 0123456789abcdef"), -1);
	assert_int_equal(sr_keys_authorize(keys, "0123456789abcdef"), -1);
	sr_keys_free(keys);
}

static void bad_key_files_are_refused_without_showing_a_key(void **state)
{
	static const struct {
		const char *text;
		const char *says;
	} bad[] = {
	    {"", "line"},
	    {"[]", "no project"},
	    {"{}", "no project"},
	    {"{\"Alpha\":\"secretsecretsecret\"}", "'Alpha' is not a project id"},
	    {"{\"alpha\":\"secretsecret\"}", "'alpha' has a key that is not 16"},
	    {"{\"alpha\":7}", "not a string"},
	    {"{\"alpha\":\"secret secret secret\"}", "blanks"},
	    {"{\"alpha\":\"secretsecretsecret\",\"beta\":\"secretsecretsecret\"}", "'beta' has the same key"},
	    {"{\"alpha\":\"secretsecretsecret\",\"alpha\":\"secretsecretsecre2\"}", "duplicate"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sr_keys *keys;
		struct sr_error err;

		assert_int_equal(load(bad[i].text, &keys, &err), -SR_EINVAL);
		if (!strstr(err.text, bad[i].says))
			fail_msg("'%s' does not say '%s'", err.text, bad[i].says);
		assert_null(strstr(err.text, "secret"));
	}
}

static enum sr_options_outcome parse(struct sr_options *options, struct sr_error *err, const char *args)
{
	static char text[512];
	char *argv[32] = {"scalerun-target"};
	int argc = 1;

	snprintf(text, sizeof(text), "%s", args);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	optind = 0;
	return sr_options_parse(options, argc, argv, err);
}

#define NEEDED " --database d --redis r --keys k"

static void options_are_read(void **state)
{
	struct sr_options options;
	struct sr_error err;

	(void)state;
	assert_int_equal(parse(&options, &err, "--listen [::1]:0 --pool-timeout 500ms --id-scope project" NEEDED),
			 SR_OPTIONS_RUN);
	assert_string_equal(options.host, "::1");
	assert_string_equal(options.port, "0");
	assert_int_equal(options.pool_timeout, 500 * SR_MS);
	assert_true(options.project_scope);
	assert_int_equal(options.pool_size, 20);
	assert_int_equal(options.max_overflow, 10);
	assert_int_equal(options.reserve_rate, 10);
}

static void bad_options_are_named(void **state)
{
	static const struct {
		const char *args;
		const char *says;
	} bad[] = {
	    {"--listen 8080" NEEDED, "--listen"},
	    {"--listen h:99999" NEEDED, "--listen"},
	    {"--listen ::1:80" NEEDED, "--listen"},
	    {"--pool-size 0" NEEDED, "--pool-size: takes a number from 1"},
	    {"--pool-timeout 5" NEEDED, "--pool-timeout"},
	    {"--id-scope both" NEEDED, "--id-scope"},
	    {"--fault nope" NEEDED, "'nope'"},
	    {"--replica a/b" NEEDED, "--replica"},
	    {"--nope" NEEDED, "--nope: no such option"},
	    {"--keys", "--keys: needs a value"},
	    {"extra" NEEDED, "extra"},
	    {"--database d --redis r", "--keys: required"},
	    {"--database d --keys k", "--redis: required"},
	    {"--redis r --keys k", "--database: required"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sr_options options;
		struct sr_error err;

		assert_int_equal(parse(&options, &err, bad[i].args), SR_OPTIONS_BAD);
		if (!strstr(err.text, bad[i].says))
			fail_msg("'%s' does not say '%s'", err.text, bad[i].says);
	}
}

static void faults_come_in_turn(void **state)
{
	int shown = 0;

	(void)state;
	for (int i = 0; i < 21; i++)
		assert_false(sr_fault_due(SR_FAULT_GAP_ID));
	assert_int_equal(sr_fault_set("gap_id"), 0);
	assert_true(sr_fault_on(SR_FAULT_GAP_ID));
	for (int i = 1; i <= 21; i++) {
		bool due = sr_fault_due(SR_FAULT_GAP_ID);

		assert_int_equal(due, i % 7 == 0);
		shown += due;
	}
	assert_int_equal(shown, 3);
	assert_int_equal(sr_fault_set("nope"), -SR_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_key_opens_one_project),
	    cmocka_unit_test(bad_key_files_are_refused_without_showing_a_key),
	    cmocka_unit_test(options_are_read),
	    cmocka_unit_test(bad_options_are_named),
	    cmocka_unit_test(faults_come_in_turn),
	};

	unsetenv("SCALERUN_TARGET_DATABASE");
	unsetenv("SCALERUN_TARGET_REDIS");
	unsetenv("SCALERUN_TARGET_KEYS");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
