/* Replies, built by hiredis's reader through our functions, so that what they cost is counted. */
#include "private.h"

#include <stdlib.h>
#include <string.h>

static const enum sr_redis_type types[] = {
    [REDIS_REPLY_STRING] = SR_REDIS_STRING,   [REDIS_REPLY_ARRAY] = SR_REDIS_ARRAY,
    [REDIS_REPLY_INTEGER] = SR_REDIS_INTEGER, [REDIS_REPLY_NIL] = SR_REDIS_NIL,
    [REDIS_REPLY_STATUS] = SR_REDIS_STATUS,   [REDIS_REPLY_ERROR] = SR_REDIS_ERROR,
};

/* Makes a value with `extra` bytes behind it and puts it into its array. NULL tells the reader to stop. */
static struct sr_redis_value *make(const redisReadTask *task, size_t extra, size_t elsewhere)
{
	struct sr_redis_budget *budget = task->privdata;
	size_t cost = sizeof(struct sr_redis_value) + extra + elsewhere;
	if (cost > budget->max - budget->used) {
		budget->passed = true;
		return NULL;
	}
	struct sr_redis_value *value = malloc(sizeof(*value) + extra);
	if (!value)
		return NULL;
	budget->used += cost;
	*value = (struct sr_redis_value){.type = types[task->type]};
	if (task->parent) {
		struct sr_redis_value *array = task->parent->obj;
		array->items[task->idx] = value;
	}
	return value;
}

static void *create_string(const redisReadTask *task, char *bytes, size_t len)
{
	struct sr_redis_value *value = make(task, len + 1, 0);
	if (!value)
		return NULL;
	value->len = len;
	memcpy(value->bytes, bytes, len);
	value->bytes[len] = 0;
	return value;
}

static void *create_array(const redisReadTask *task, int elements)
{
	if (elements < 0) {
		((struct sr_redis_budget *)task->privdata)->passed = true;
		return NULL;
	}
	size_t size = (size_t)elements * sizeof(struct sr_redis_value *);
	struct sr_redis_value **items = NULL;
	struct sr_redis_value *value = make(task, 0, size);
	if (!value)
		return NULL;
	if (elements > 0) {
		items = calloc(1, size);
		if (!items) {
			if (task->parent)
				((struct sr_redis_value *)task->parent->obj)->items[task->idx] = NULL;
			free(value);
			return NULL;
		}
	}
	value->items = items;
	value->len = (size_t)elements;
	return value;
}

static void *create_integer(const redisReadTask *task, long long integer)
{
	struct sr_redis_value *value = make(task, 0, 0);
	if (value)
		value->integer = integer;
	return value;
}

static void *create_nil(const redisReadTask *task)
{
	struct sr_redis_value *value = make(task, 0, 0);
	if (value)
		value->type = SR_REDIS_NIL;
	return value;
}

void sr_redis_value_free(struct sr_redis_value *value)
{
	if (!value)
		return;
	if (value->type == SR_REDIS_ARRAY) {
		for (size_t i = 0; i < value->len; i++)
			sr_redis_value_free(value->items[i]);
		free(value->items);
	}
	free(value);
}

static void free_object(void *value)
{
	sr_redis_value_free(value);
}

redisReplyObjectFunctions sr_redis_value_functions = {
    .createString = create_string,
    .createArray = create_array,
    .createInteger = create_integer,
    .createNil = create_nil,
    .freeObject = free_object,
};

int sr_redis_value_fail(const struct sr_redis_value *value, const char *op, struct sr_error *err)
{
	char prefix[24];
	size_t len = strspn(value->bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	sr_fail(err, SR_ESERVER, op, "%s", value->bytes);
	if (len > 0 && len < sizeof(prefix) && (value->bytes[len] == ' ' || value->bytes[len] == 0)) {
		memcpy(prefix, value->bytes, len);
		prefix[len] = 0;
		sr_error_detail(err, prefix);
	}
	return -SR_ESERVER;
}
