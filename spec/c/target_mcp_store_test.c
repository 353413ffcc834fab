/* The target's files: shipped documents, the content folder, artifacts. */
#include "fault.h"
#include "mcp/content.h"
#include "mcp/document.h"
#include "mcp/folder.h"
#include "mcp/rules.h"
#include "mcp/store.h"
#include "mcp/traversal.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char root[200];

static int make_root(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(root, sizeof(root), "%s/scalerun-store-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	(void)info;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	memset(sr_fault_active, 0, sizeof(sr_fault_active));
	return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const char *inside(const char *name)
{
	static char path[400];

	snprintf(path, sizeof(path), "%s/%s", root, name);
	return path;
}

static void put_file(const char *name, const char *text, size_t len)
{
	int fd = open(inside(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static void documents_are_the_same_every_time(void **state)
{
	struct sr_buf one, two;

	(void)state;
	sr_buf_init(&one, SR_CONTENT_MAX);
	sr_buf_init(&two, SR_CONTENT_MAX);
	for (int i = 0; i < sr_document_count(); i++) {
		const struct sr_document *document = sr_document_at(i);
		size_t size = (size_t)document->size * 1024;

		assert_true(sr_uri_is_name(document->kind, document->name));
		sr_buf_clear(&one);
		sr_buf_clear(&two);
		assert_int_equal(sr_document_write(document, &one), 0);
		assert_int_equal(sr_document_write(document, &two), 0);
		assert_int_equal(one.len, two.len);
		assert_memory_equal(one.data, two.data, one.len);
		assert_true(one.len > size - size / 100 && one.len < size + size / 100);
		for (int j = 0; j < i; j++) {
			sr_buf_clear(&two);
			assert_int_equal(sr_document_write(sr_document_at(j), &two), 0);
			assert_true(one.len != two.len || memcmp(one.data, two.data, one.len) != 0);
		}
	}
	sr_buf_deinit(&one);
	sr_buf_deinit(&two);
}

static void templates_have_the_headings_they_ask_for(void **state)
{
	struct sr_buf buf;
	char heading[100];

	(void)state;
	sr_buf_init(&buf, SR_CONTENT_MAX);
	for (int i = 0; i < sr_document_count(); i++) {
		const struct sr_document *document = sr_document_at(i);
		const struct sr_rules *rules;

		if (document->kind != SR_KIND_TEMPLATES)
			continue;
		rules = sr_rules_of_template(document->name);
		assert_non_null(rules);
		assert_ptr_equal(rules, sr_rules_of_type(rules->type));
		sr_buf_clear(&buf);
		assert_int_equal(sr_document_write(document, &buf), 0);
		for (int h = 0; h < SR_RULES_HEADINGS; h++) {
			snprintf(heading, sizeof(heading), "\n## %s\n", rules->headings[h]);
			assert_non_null(strstr(sr_buf_cstr(&buf), heading));
		}
	}
	sr_buf_deinit(&buf);
}

static void content_is_made_once_and_read_from_disk(void **state)
{
	struct sr_content *content;
	struct sr_names names;
	struct sr_error err;
	struct sr_buf buf;

	(void)state;
	assert_int_not_equal(sr_content_open(inside("a/b"), false, &content, &err), 0);
	assert_int_equal(sr_content_open(inside("a/b"), true, &content, &err), 0);
	put_file("a/b/patterns/caching.md", "mine", 4);
	put_file("a/b/patterns/README.txt", "no document", 11);
	put_file("a/b/patterns/NOT-A-NAME.md", "no document", 11);
	sr_content_close(content);
	assert_int_equal(sr_content_open(inside("a/b"), true, &content, &err), 0);
	sr_buf_init(&buf, SR_CONTENT_MAX);
	assert_int_equal(sr_content_read(content, SR_KIND_PATTERNS, "caching", &buf, &err), 0);
	assert_string_equal(sr_buf_cstr(&buf), "mine");
	assert_int_equal(sr_content_read(content, SR_KIND_PATTERNS, "none", &buf, &err), -SR_ESTATE);
	assert_int_equal(sr_content_read(content, SR_KIND_PATTERNS, "../sdlc/core", &buf, &err), -SR_ESTATE);
	assert_int_equal(sr_content_read(NULL, SR_KIND_PATTERNS, "caching", &buf, &err), -SR_ESTATE);
	put_file("a/b/patterns/binary.md", "a\0b", 3);
	assert_int_equal(sr_content_read(content, SR_KIND_PATTERNS, "binary", &buf, &err), -SR_EPROTO);
	assert_int_equal(mkfifo(inside("a/b/patterns/fifo.md"), 0600), 0);
	assert_int_equal(sr_content_read(content, SR_KIND_PATTERNS, "fifo", &buf, &err), -SR_ESTATE);
	assert_int_equal(symlink("/etc/passwd", inside("a/b/patterns/link.md")), 0);
	assert_int_equal(sr_content_read(content, SR_KIND_PATTERNS, "link", &buf, &err), -SR_ESTATE);
	sr_names_init(&names);
	assert_int_equal(sr_content_list(content, SR_KIND_TEMPLATES, &names, &err), 0);
	assert_int_equal(names.count, 10);
	assert_string_equal(names.items[0], "adr");
	sr_names_deinit(&names);
	assert_int_equal(sr_content_list(content, SR_KIND_PATTERNS, &names, &err), 0);
	assert_string_equal(names.items[0], "api-design");
	assert_int_equal(names.count, 7 + 3); /* binary, fifo and link have proper names */
	sr_names_deinit(&names);
	sr_buf_deinit(&buf);
	sr_content_close(content);
}

static void artifacts_belong_to_one_project(void **state)
{
	struct sr_store *store;
	struct sr_names names;
	struct sr_error err;
	struct sr_buf buf;
	char path[SR_STORE_PATH_SIZE];
	bool created;

	(void)state;
	assert_int_equal(sr_store_open(inside("artifacts"), &store, &err), 0);
	sr_buf_init(&buf, SR_CONTENT_MAX);
	sr_names_init(&names);
	assert_int_equal(sr_store_list(store, "alpha", &names, &err), 0);
	assert_int_equal(names.count, 0);
	assert_int_equal(sr_store_write(store, "alpha", "US-001", "one", 3, &created, &err), 0);
	assert_true(created);
	assert_int_equal(sr_store_write(store, "alpha", "US-001", "second", 6, &created, &err), 0);
	assert_false(created);
	assert_int_equal(sr_store_read(store, "alpha", "US-001", &buf, &err), 0);
	assert_string_equal(sr_buf_cstr(&buf), "second");
	assert_int_equal(sr_store_read(store, "beta", "US-001", &buf, &err), -SR_ESTATE);
	assert_true(sr_store_has(store, "alpha", "US-001"));
	assert_false(sr_store_has(store, "beta", "US-001"));
	put_file("artifacts/alpha/.left.tmp", "x", 1);
	assert_int_equal(sr_store_list(store, "alpha", &names, &err), 0);
	assert_int_equal(names.count, 1);
	sr_names_deinit(&names);
	assert_int_equal(sr_store_list(store, "beta", &names, &err), 0);
	assert_int_equal(names.count, 0);
	sr_store_path(path, "alpha", "US-001");
	assert_string_equal(path, "artifacts/alpha/US-001");
	sr_buf_deinit(&buf);
	sr_store_close(store);
}

static void nothing_outside_is_reached(void **state)
{
	static const char *const names[] = {"", ".", "..", "../x", "a/b", "/etc/passwd", ".hidden"};
	struct sr_store *store;
	struct sr_error err;
	struct sr_buf buf;
	bool created;
	int dir;

	(void)state;
	sr_buf_init(&buf, SR_CONTENT_MAX);
	dir = sr_folder_open("artifacts", root, false, &err);
	assert_true(dir >= 0);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_true(sr_folder_write(dir, names[i], "x", 1, true, &err) < 0);
		assert_int_equal(sr_folder_read(dir, names[i], &buf, &err), -SR_ESTATE);
		assert_int_equal(sr_folder_enter(dir, names[i], true, &err), -SR_ESTATE);
		assert_false(sr_folder_has(dir, names[i]));
	}
	close(dir);
	/* a project's folder that is a link is not followed, and an artifact that is one is replaced */
	assert_int_equal(sr_store_open(inside("artifacts"), &store, &err), 0);
	assert_int_equal(symlink("/tmp", inside("artifacts/alpha")), 0);
	assert_true(sr_store_write(store, "alpha", "US-001", "x", 1, &created, &err) < 0);
	assert_int_equal(sr_store_write(store, "beta", "US-002", "x", 1, &created, &err), 0);
	put_file("outside", "whole", 5);
	assert_int_equal(symlink("../../outside", inside("artifacts/beta/US-001")), 0);
	assert_int_equal(sr_store_read(store, "beta", "US-001", &buf, &err), -SR_ESTATE);
	sr_store_close(store);
	sr_buf_deinit(&buf);
}

static void faults_break_the_isolation(void **state)
{
	struct sr_store *store;
	struct sr_error err;
	struct sr_buf buf;
	char path[SR_STORE_PATH_SIZE];
	bool created;

	(void)state;
	sr_buf_init(&buf, SR_CONTENT_MAX);
	assert_int_equal(sr_store_open(inside("artifacts"), &store, &err), 0);
	assert_int_equal(sr_store_write(store, "alpha", "US-001", "a", 1, &created, &err), 0);
	assert_int_equal(sr_fault_set("artifact_cross_read"), 0);
	assert_int_equal(sr_store_read(store, "beta", "US-001", &buf, &err), 0);
	assert_string_equal(sr_buf_cstr(&buf), "a");
	assert_int_equal(sr_fault_set("artifact_shared_path"), 0);
	sr_store_path(path, "alpha", "US-001");
	assert_string_equal(path, "artifacts/shared/US-001");
	assert_int_equal(sr_fault_set("artifact_torn_write"), 0);
	assert_int_equal(sr_store_write(store, "alpha", "US-002", "halves", 6, &created, &err), 0);
	sr_buf_clear(&buf);
	assert_int_equal(sr_store_read(store, "beta", "US-002", &buf, &err), 0);
	assert_string_equal(sr_buf_cstr(&buf), "halves");
	sr_store_close(store);
	sr_buf_deinit(&buf);
}

static void faults_show_what_others_have(void **state)
{
	static const char *const harmless[] = {"mcp://resources/artifacts/../beta/US-003",
					       "mcp://resources/artifacts/../../outside",
					       "mcp://resources/artifacts/../beta/../US-001",
					       "mcp://resources/artifacts/../beta",
					       "mcp://resources/artifacts/beta/US-001",
					       "mcp://resources/patterns/../beta/US-001",
					       "mcp://resources/artifacts/%2e%2e%2fbeta%2fUS-001%00",
					       "file:///etc/passwd"};
	struct sr_names names;
	struct sr_store *store;
	struct sr_error err;
	struct sr_buf buf;
	bool created;

	(void)state;
	sr_buf_init(&buf, SR_CONTENT_MAX);
	sr_names_init(&names);
	assert_int_equal(sr_store_open(inside("artifacts"), &store, &err), 0);
	assert_int_equal(sr_store_write(store, "alpha", "US-001", "a", 1, &created, &err), 0);
	assert_int_equal(sr_store_write(store, "beta", "US-001", "b", 1, &created, &err), 0);
	assert_int_equal(sr_store_write(store, "beta", "US-002", "c", 1, &created, &err), 0);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
		assert_int_equal(sr_traversal_read(store, harmless[i], &buf, &err), -SR_ESTATE);
	assert_int_equal(sr_traversal_read(store, "mcp://resources/artifacts/../beta/US-001", &buf, &err), 0);
	assert_int_equal(sr_traversal_read(store, "mcp://resources/artifacts/%2E%2e%2Fbeta%2fUS-002", &buf, &err), 0);
	assert_string_equal(sr_buf_cstr(&buf), "bc");
	assert_int_equal(sr_fault_set("artifact_listing_leak"), 0);
	assert_int_equal(sr_store_list(store, "alpha", &names, &err), 0);
	assert_int_equal(names.count, 3);
	sr_names_deinit(&names);
	sr_store_close(store);
	sr_buf_deinit(&buf);
}

#define test(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(documents_are_the_same_every_time),
	    cmocka_unit_test(templates_have_the_headings_they_ask_for),
	    test(content_is_made_once_and_read_from_disk),
	    test(artifacts_belong_to_one_project),
	    test(nothing_outside_is_reached),
	    test(faults_break_the_isolation),
	    test(faults_show_what_others_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
