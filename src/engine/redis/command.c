#include "private.h"

#include <string.h>
#include <strings.h>

#define COUNT_MAX 23 /* bytes of "$18446744073709551615\r\n" */

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

/* "*3\r\n" */
static char *put_count(char *at, char sign, size_t n)
{
	char digits[20];
	int len = 0;
	do
		digits[len++] = (char)('0' + n % 10);
	while (n /= 10);
	*at++ = sign;
	while (len > 0)
		*at++ = digits[--len];
	*at++ = '\r';
	*at++ = '\n';
	return at;
}

/* By hand: hiredis's formatter prints each length with sprintf into memory of its own, which costs a sixth of all that
 * a command costs here. */
int sr_redis_command_format(struct sr_buf *buf, int argc, const char **argv, const size_t *lens, struct sr_error *err)
{
	size_t room = COUNT_MAX;
	for (int i = 0; i < argc; i++)
		room += lens[i] + COUNT_MAX + 2;
	int rc = sr_buf_reserve(buf, room);
	if (rc == -SR_ELIMIT)
		return sr_fail(err, SR_ELIMIT, "redis.call", "more than %zu bytes of commands wait to be sent",
			       buf->max);
	if (rc < 0)
		return sr_fail(err, -rc, "redis.call", "no memory for a command");
	char *at = put_count(buf->data + buf->len, '*', (size_t)argc);
	for (int i = 0; i < argc; i++) {
		at = put_count(at, '$', lens[i]);
		memcpy(at, argv[i], lens[i]);
		at += lens[i];
		*at++ = '\r';
		*at++ = '\n';
	}
	buf->len = (size_t)(at - buf->data);
	return 0;
}
