#include "mcp/content.h"

#include "mcp/document.h"
#include "mcp/folder.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SR_CONTENT_SUFFIX ".md"

struct sr_content {
	int folders[SR_KINDS]; /* descriptors; -1: none of that kind */
};

static void file_name(char out[SR_URI_FILE_SIZE], const char *name)
{
	snprintf(out, SR_URI_FILE_SIZE, "%s" SR_CONTENT_SUFFIX, name);
}

/* The name without the suffix; false when the file is no document. */
static bool strip(const char *file, char name[SR_URI_FILE_SIZE])
{
	size_t len = strlen(file);
	size_t suffix = strlen(SR_CONTENT_SUFFIX);

	if (len <= suffix || len >= SR_URI_FILE_SIZE || strcmp(file + len - suffix, SR_CONTENT_SUFFIX) != 0)
		return false;
	memcpy(name, file, len - suffix);
	name[len - suffix] = '\0';
	return true;
}

static int write_document(struct sr_content *content, const struct sr_document *document, struct sr_error *err)
{
	int folder = content->folders[document->kind];
	char file[SR_URI_FILE_SIZE];
	struct sr_buf buf;
	int rc;

	file_name(file, document->name);
	if (sr_folder_has(folder, file))
		return 0;
	sr_buf_init(&buf, SR_CONTENT_MAX);
	rc = sr_document_write(document, &buf);
	if (rc)
		sr_fail(err, -rc, "start", "--content: out of memory");
	else
		rc = sr_folder_write(folder, file, buf.data, buf.len, false, err);
	sr_buf_deinit(&buf);
	return rc;
}

static int open_folders(struct sr_content *content, const char *path, bool init, struct sr_error *err)
{
	struct sr_error why;
	int rc = 0;
	int root = sr_folder_open("content", path, init, err);

	if (root < 0)
		return root;
	for (int kind = 0; kind < SR_KINDS && !rc; kind++) {
		if (kind == SR_KIND_ARTIFACTS)
			continue;
		content->folders[kind] = sr_folder_enter(root, sr_kind_name((enum sr_kind)kind), init, &why);
		if (content->folders[kind] < 0)
			rc = sr_fail(err, SR_EIO, "start", "--content: %s/%s: %s; --init-content creates it", path,
				     sr_kind_name((enum sr_kind)kind), why.text);
	}
	close(root);
	for (int i = 0; i < sr_document_count() && init && !rc; i++)
		rc = write_document(content, sr_document_at(i), err);
	return rc;
}

int sr_content_open(const char *path, bool init, struct sr_content **out, struct sr_error *err)
{
	struct sr_content *content = calloc(1, sizeof(*content));
	int rc;

	if (!content)
		return sr_fail(err, SR_ENOMEM, "start", "out of memory");
	for (int kind = 0; kind < SR_KINDS; kind++)
		content->folders[kind] = -1;
	rc = open_folders(content, path, init, err);
	if (rc) {
		sr_content_close(content);
		return rc;
	}
	*out = content;
	return 0;
}

void sr_content_close(struct sr_content *content)
{
	if (!content)
		return;
	for (int kind = 0; kind < SR_KINDS; kind++) {
		if (content->folders[kind] >= 0)
			close(content->folders[kind]);
	}
	free(content);
}

int sr_content_read(struct sr_content *content, enum sr_kind kind, const char *name, struct sr_buf *buf,
		    struct sr_error *err)
{
	char file[SR_URI_FILE_SIZE];
	size_t begin = buf->len;
	int rc;

	if (!content || content->folders[kind] < 0 || !sr_uri_is_name(kind, name))
		return sr_fail(err, SR_ESTATE, "content", "no such document");
	file_name(file, name);
	rc = sr_folder_read(content->folders[kind], file, buf, err);
	if (!rc && buf->len > begin &&
	    (memchr(buf->data + begin, '\0', buf->len - begin) ||
	     !sr_text_is_utf8(buf->data + begin, buf->len - begin)))
		rc = sr_fail(err, SR_EPROTO, "content", "%s/%s is not UTF-8 text", sr_kind_name(kind), file);
	return rc;
}

static bool is_document(const char *file)
{
	char name[SR_URI_FILE_SIZE];

	return strip(file, name) && sr_text_is_project_id(name);
}

int sr_content_list(struct sr_content *content, enum sr_kind kind, struct sr_names *names, struct sr_error *err)
{
	struct sr_names files;
	char name[SR_URI_FILE_SIZE];
	int rc = 0;

	if (!content || content->folders[kind] < 0)
		return 0;
	sr_names_init(&files);
	rc = sr_folder_list(content->folders[kind], is_document, &files, err);
	for (int i = 0; i < files.count && !rc; i++) {
		if (strip(files.items[i], name) && sr_uri_is_name(kind, name) && sr_names_add(names, name))
			rc = sr_fail(err, SR_ENOMEM, "content", "out of memory");
	}
	sr_names_deinit(&files);
	sr_names_sort(names);
	return rc;
}
