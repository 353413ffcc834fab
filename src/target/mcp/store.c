#include "mcp/store.h"

#include "fault.h"
#include "mcp/folder.h"
#include "mcp/memory.h"
#include "mcp/uri.h"
#include "pause.h"
#include "text.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SR_STORE_TEAR (50 * SR_MS) /* artifact_torn_write: time for a reader to see half of it */

struct sr_store {
	int root;
	struct sr_memory *memory; /* NULL unless fault sticky_state is on */
};

int sr_store_open(const char *path, struct sr_store **out, struct sr_error *err)
{
	struct sr_store *store = calloc(1, sizeof(*store));
	int rc;

	if (!store)
		return sr_fail(err, SR_ENOMEM, "start", "out of memory");
	rc = store->root = sr_folder_open("artifacts", path, true, err);
	if (rc >= 0 && sr_fault_on(SR_FAULT_STICKY_STATE)) {
		store->memory = sr_memory_new();
		rc = store->memory ? rc : sr_fail(err, SR_ENOMEM, "start", "out of memory");
	}
	if (rc < 0) {
		sr_store_close(store);
		return rc;
	}
	*out = store;
	return 0;
}

void sr_store_close(struct sr_store *store)
{
	if (!store)
		return;
	if (store->root >= 0)
		close(store->root);
	sr_memory_free(store->memory);
	free(store);
}

/* The folder that a project's artifacts are in. */
static const char *folder_name(const char *project)
{
	return sr_fault_on(SR_FAULT_ARTIFACT_SHARED_PATH) ? "shared" : project;
}

static int enter(struct sr_store *store, const char *project, bool create, struct sr_error *err)
{
	if (!store)
		return sr_fail(err, SR_ESTATE, "store", "no artifacts");
	return sr_folder_enter(store->root, folder_name(project), create, err);
}

/* fault artifact_torn_write: in place, in two halves */
static int write_torn(int dir, const char *id, const char *content, size_t len, struct sr_error *err)
{
	int fd = openat(dir, id, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
	size_t half = len / 2;
	bool whole;

	if (fd < 0)
		return sr_fail(err, SR_EIO, "store", "cannot create the artifact");
	whole = write(fd, content, half) == (ssize_t)half;
	sr_pause(SR_STORE_TEAR);
	whole = whole && write(fd, content + half, len - half) == (ssize_t)(len - half);
	close(fd);
	return whole ? 0 : sr_fail(err, SR_EIO, "store", "cannot write the artifact");
}

int sr_store_write(struct sr_store *store, const char *project, const char *id, const char *content, size_t len,
		   bool *created, struct sr_error *err)
{
	int dir, rc;

	if (!store)
		return sr_fail(err, SR_ENOTSUP, "store", "this server keeps no artifacts (it has no --artifacts)");
	if (store->memory)
		return sr_memory_write(store->memory, project, id, content, len, created, err);
	dir = enter(store, project, true, err);
	if (dir < 0)
		return dir;
	*created = !sr_folder_has(dir, id);
	rc = sr_fault_on(SR_FAULT_ARTIFACT_TORN_WRITE) ? write_torn(dir, id, content, len, err)
						       : sr_folder_write(dir, id, content, len, true, err);
	close(dir);
	return rc;
}

static int read_from(struct sr_store *store, const char *project, const char *id, struct sr_buf *buf,
		     struct sr_error *err)
{
	int dir = enter(store, project, false, err);
	int rc;

	if (dir < 0)
		return dir;
	rc = sr_folder_read(dir, id, buf, err);
	close(dir);
	return rc;
}

/* fault artifact_cross_read: what the project does not have is looked for in the others' folders */
static int read_anywhere(struct sr_store *store, const char *id, struct sr_buf *buf, struct sr_error *err)
{
	struct sr_names projects;
	int rc = -SR_ESTATE;

	sr_names_init(&projects);
	if (sr_folder_list(store->root, sr_text_is_project_id, &projects, err) == 0) {
		for (int i = 0; i < projects.count && rc == -SR_ESTATE; i++)
			rc = read_from(store, projects.items[i], id, buf, err);
	}
	sr_names_deinit(&projects);
	return rc;
}

int sr_store_read(struct sr_store *store, const char *project, const char *id, struct sr_buf *buf, struct sr_error *err)
{
	int rc = store && store->memory ? sr_memory_read(store->memory, project, id, buf, err)
					: read_from(store, project, id, buf, err);

	if (rc == -SR_ESTATE && store && sr_fault_on(SR_FAULT_ARTIFACT_CROSS_READ))
		rc = read_anywhere(store, id, buf, err);
	return rc;
}

bool sr_store_has(struct sr_store *store, const char *project, const char *id)
{
	int dir;
	bool has;

	if (store && store->memory)
		return sr_memory_has(store->memory, project, id);
	dir = enter(store, project, false, NULL);
	has = dir >= 0 && sr_folder_has(dir, id);
	if (dir >= 0)
		close(dir);
	return has;
}

static int list_from(struct sr_store *store, const char *project, struct sr_names *names, struct sr_error *err)
{
	int dir = enter(store, project, false, err);
	int rc;

	if (dir == -SR_ESTATE)
		return 0;
	if (dir < 0)
		return dir;
	rc = sr_folder_list(dir, sr_uri_is_artifact_id, names, err);
	close(dir);
	return rc;
}

/* fault artifact_listing_leak: an id that several projects have comes as often */
static int list_everywhere(struct sr_store *store, struct sr_names *names, struct sr_error *err)
{
	struct sr_names projects;
	int rc;

	sr_names_init(&projects);
	rc = sr_folder_list(store->root, sr_text_is_project_id, &projects, err);
	for (int i = 0; i < projects.count && !rc; i++)
		rc = list_from(store, projects.items[i], names, err);
	sr_names_deinit(&projects);
	return rc;
}

int sr_store_list(struct sr_store *store, const char *project, struct sr_names *names, struct sr_error *err)
{
	if (store && store->memory)
		return sr_memory_list(store->memory, project, names);
	if (store && sr_fault_on(SR_FAULT_ARTIFACT_LISTING_LEAK))
		return list_everywhere(store, names, err);
	return list_from(store, project, names, err);
}

void sr_store_path(char out[SR_STORE_PATH_SIZE], const char *project, const char *id)
{
	snprintf(out, SR_STORE_PATH_SIZE, "artifacts/%s/%s", folder_name(project), id);
}
