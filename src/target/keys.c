#include "keys.h"

#include "text.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SR_KEYS_MAX 1000

struct entry {
	char project[101];
	unsigned char key[SR_KEY_MAX]; /* padded with 0, which no key contains */
};

struct sr_keys {
	int count;
	struct entry entries[];
};

static int refuse(struct sr_error *err, const char *path, const char *project, const char *why)
{
	return sr_fail(err, SR_EINVAL, "keys.load", "keys file %s: project '%.120s' %s", path, project, why);
}

static int add(struct sr_keys *keys, const char *path, const char *project, const json_t *value, struct sr_error *err)
{
	struct entry *entry = &keys->entries[keys->count];
	const char *key = json_string_value(value);
	size_t len = key ? strlen(key) : 0;

	if (!sr_text_is_project_id(project))
		return refuse(err, path, project, "is not a project id (" SR_PROJECT_ID_RULE ")");
	if (!key)
		return refuse(err, path, project, "has a key that is not a string");
	if (len < SR_KEY_MIN || len > SR_KEY_MAX)
		return refuse(err, path, project, "has a key that is not 16 to 128 characters long");
	for (size_t i = 0; i < len; i++) {
		if (key[i] <= ' ' || key[i] > '~')
			return refuse(err, path, project, "has a key with blanks or non-ASCII characters");
	}
	strcpy(entry->project, project);
	memcpy(entry->key, key, len);
	for (int i = 0; i < keys->count; i++) {
		if (memcmp(keys->entries[i].key, entry->key, SR_KEY_MAX) == 0)
			return refuse(err, path, project, "has the same key as another project");
	}
	keys->count++;
	return 0;
}

int sr_keys_load(const char *path, struct sr_keys **out, struct sr_error *err)
{
	json_error_t problem;
	json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &problem);
	struct sr_keys *keys = NULL;
	const char *project;
	json_t *value;
	int rc = 0;

	if (!root && problem.line < 0)
		return sr_fail(err, SR_EINVAL, "keys.load", "keys file: %s", problem.text);
	if (!root)
		return sr_fail(err, SR_EINVAL, "keys.load", "keys file %s: %s (line %d)", path, problem.text,
			       problem.line);
	if (!json_is_object(root) || json_object_size(root) == 0)
		rc = sr_fail(err, SR_EINVAL, "keys.load",
			     "keys file %s names no project; it holds {\"project\":\"key\", ...}", path);
	else if (json_object_size(root) > SR_KEYS_MAX)
		rc =
		    sr_fail(err, SR_EINVAL, "keys.load", "keys file %s names more than %d projects", path, SR_KEYS_MAX);
	if (!rc) {
		keys = calloc(1, sizeof(*keys) + json_object_size(root) * sizeof(struct entry));
		if (!keys)
			rc = sr_fail(err, SR_ENOMEM, "keys.load", "out of memory");
	}
	if (!rc) {
		json_object_foreach(root, project, value)
		{
			rc = add(keys, path, project, value, err);
			if (rc)
				break;
		}
	}
	json_decref(root);
	if (rc)
		sr_keys_free(keys);
	else
		*out = keys;
	return rc;
}

void sr_keys_free(struct sr_keys *keys)
{
	free(keys);
}

int sr_keys_count(const struct sr_keys *keys)
{
	return keys->count;
}

const char *sr_keys_project(const struct sr_keys *keys, int index)
{
	return keys->entries[index].project;
}

int sr_keys_authorize(const struct sr_keys *keys, const char *authorization)
{
	unsigned char given[SR_KEY_MAX] = {0};
	size_t len;
	int found = -1;

	if (!authorization || strncasecmp(authorization, "Bearer ", 7) != 0)
		return -1;
	authorization += 7;
	authorization += strspn(authorization, " ");
	len = strlen(authorization);
	while (len > 0 && authorization[len - 1] == ' ')
		len--;
	if (len < SR_KEY_MIN || len > SR_KEY_MAX)
		return -1;
	memcpy(given, authorization, len);
	for (int i = 0; i < keys->count; i++) {
		unsigned difference = 0;

		for (int j = 0; j < SR_KEY_MAX; j++)
			difference |= (unsigned)(given[j] ^ keys->entries[i].key[j]);
		found = difference == 0 ? i : found;
	}
	return found;
}
