#include "private.h"

#include <string.h>
#include <strings.h>

/* Commands after which replies no longer answer commands one by one. */
static const struct {
	const char *name;
	const char *argument; /* NULL: any */
} refused[] = {
    {"SUBSCRIBE", NULL}, {"PSUBSCRIBE", NULL}, {"SSUBSCRIBE", NULL}, {"MONITOR", NULL},
    {"SYNC", NULL},      {"PSYNC", NULL},      {"HELLO", "3"},       {"CLIENT", "REPLY"},
};

static bool same(const char *word, const char *bytes, size_t len)
{
	return strlen(word) == len && strncasecmp(word, bytes, len) == 0;
}

int sr_redis_command_check(int argc, const char **argv, const size_t *lens, struct sr_error *err)
{
	if (argc < 1 || lens[0] == 0)
		return sr_fail(err, SR_EINVAL, "redis.call", "a command has no name");
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		const char *argument = refused[i].argument;
		if (!same(refused[i].name, argv[0], lens[0]))
			continue;
		if (!argument)
			return sr_fail(err, SR_ENOTSUP, "redis.call",
				       "%s is not supported: replies would no longer answer commands in order",
				       refused[i].name);
		if (argc > 1 && same(argument, argv[1], lens[1]))
			return sr_fail(err, SR_ENOTSUP, "redis.call",
				       "%s %s is not supported: replies would no longer answer commands in order",
				       refused[i].name, argument);
	}
	return 0;
}

int sr_redis_command_format(struct sr_buf *buf, int argc, const char **argv, const size_t *lens, struct sr_error *err)
{
	char *bytes = NULL;
	int len = redisFormatCommandArgv(&bytes, argc, argv, lens);
	if (len < 0)
		return sr_fail(err, SR_ENOMEM, "redis.call", "no memory for a command");
	int rc = sr_buf_append(buf, bytes, (size_t)len);
	redisFreeCommand(bytes);
	if (rc == -SR_ELIMIT)
		return sr_fail(err, SR_ELIMIT, "redis.call", "more than %zu bytes of commands wait to be sent",
			       buf->max);
	return rc < 0 ? sr_fail(err, -rc, "redis.call", "no memory for a command") : 0;
}
