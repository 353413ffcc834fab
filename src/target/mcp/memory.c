#include "mcp/memory.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

struct sr_memory {
	pthread_mutex_t lock;
	json_t *projects; /* project → id → content */
};

struct sr_memory *sr_memory_new(void)
{
	struct sr_memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	pthread_mutex_init(&memory->lock, NULL);
	memory->projects = json_object();
	if (memory->projects)
		return memory;
	sr_memory_free(memory);
	return NULL;
}

void sr_memory_free(struct sr_memory *memory)
{
	if (!memory)
		return;
	json_decref(memory->projects);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

int sr_memory_write(struct sr_memory *memory, const char *project, const char *id, const char *content, size_t len,
		    bool *created, struct sr_error *err)
{
	json_t *artifacts;
	int rc;

	pthread_mutex_lock(&memory->lock);
	artifacts = json_object_get(memory->projects, project);
	if (!artifacts) {
		artifacts = json_object();
		json_object_set_new(memory->projects, project, artifacts);
	}
	*created = !json_object_get(artifacts, id);
	rc = json_object_set_new(artifacts, id, json_stringn(content, len));
	pthread_mutex_unlock(&memory->lock);
	return rc ? sr_fail(err, SR_ENOMEM, "store", "out of memory") : 0;
}

/* Lock held. */
static const json_t *find(const struct sr_memory *memory, const char *project, const char *id)
{
	return json_object_get(json_object_get(memory->projects, project), id);
}

int sr_memory_read(struct sr_memory *memory, const char *project, const char *id, struct sr_buf *buf,
		   struct sr_error *err)
{
	const json_t *content;
	int rc;

	pthread_mutex_lock(&memory->lock);
	content = find(memory, project, id);
	rc = content ? sr_buf_append(buf, json_string_value(content), json_string_length(content))
		     : sr_fail(err, SR_ESTATE, "store", "no such artifact");
	pthread_mutex_unlock(&memory->lock);
	return rc;
}

bool sr_memory_has(struct sr_memory *memory, const char *project, const char *id)
{
	bool has;

	pthread_mutex_lock(&memory->lock);
	has = find(memory, project, id) != NULL;
	pthread_mutex_unlock(&memory->lock);
	return has;
}

int sr_memory_list(struct sr_memory *memory, const char *project, struct sr_names *names)
{
	const char *id;
	json_t *content;
	int rc = 0;

	pthread_mutex_lock(&memory->lock);
	json_object_foreach(json_object_get(memory->projects, project), id, content)
	{
		if (!rc)
			rc = sr_names_add(names, id);
	}
	pthread_mutex_unlock(&memory->lock);
	sr_names_sort(names);
	return rc;
}
