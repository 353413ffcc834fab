/* The embedded library is the files below lua/, byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scalerun/binding/embedded.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *data;

	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	*len = (size_t)ftell(file);
	rewind(file);
	data = malloc(*len + 1);
	assert_int_equal(fread(data, 1, *len, file), *len);
	fclose(file);
	return data;
}

static void assert_embedded(const char *name, const char *path, const char *file)
{
	const struct sr_embedded_module *module = sr_embedded_find(name);
	size_t len;
	char *expected = read_file(file, &len);

	if (!module)
		fail_msg("%s is not embedded as %s", file, name);
	assert_string_equal(module->path, path);
	assert_int_equal(module->len, len);
	assert_memory_equal(module->source, expected, len);
	assert_int_equal(module->source[len], '\0');
	free(expected);
}

static int files; /* nftw takes no argument for its function */

static int check_file(const char *file, const struct stat *st, int type, struct FTW *ftw)
{
	const char *path;
	char name[512];
	size_t len;

	(void)st;
	(void)ftw;
	path = file + strlen(LUA_ROOT "/");
	snprintf(name, sizeof(name), "%s", path);
	len = strlen(name);
	if (type != FTW_F || len < 4 || strcmp(name + len - 4, ".lua") != 0)
		return 0;
	name[len - 4] = '\0';
	if (len > 9 && strcmp(name + len - 9, "/init") == 0)
		name[len - 9] = '\0';
	for (char *c = name; *c; c++) {
		if (*c == '/')
			*c = '.';
	}
	assert_embedded(name, path, file);
	files++;
	return 0;
}

static void count(void *arg, const struct sr_embedded_module *module)
{
	assert_int_equal(strlen(module->source), module->len);
	++*(int *)arg;
}

static void every_file_is_there_and_nothing_else(void **state)
{
	int modules = 0;

	(void)state;
	files = 0;
	assert_int_equal(nftw(LUA_ROOT, check_file, 16, 0), 0);
	assert_true(files > 0);
	assert_embedded("argparse", "argparse.lua", ARGPARSE_LUA);
	sr_embedded_visit(count, &modules);
	assert_int_equal(modules, files + 1);
}

static void compare_names(void *arg, const struct sr_embedded_module *module)
{
	const char **last = arg;

	assert_true(strcmp(*last, module->name) < 0);
	assert_ptr_equal(sr_embedded_find(module->name), module);
	*last = module->name;
}

static void modules_are_visited_in_order_and_found(void **state)
{
	const char *last = "";

	(void)state;
	sr_embedded_visit(compare_names, &last);
}

static void what_is_absent_is_not_found(void **state)
{
	static const char *const absent[] = {"", "scalerun.nothing", "scalerun.", "scalerun/options", "scaleru", "zzz"};

	(void)state;
	for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
		assert_null(sr_embedded_find(absent[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_file_is_there_and_nothing_else),
	    cmocka_unit_test(modules_are_visited_in_order_and_found),
	    cmocka_unit_test(what_is_absent_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
