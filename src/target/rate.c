#include "rate.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One entry per reservation, scored with its time by Redis' own clock. Answers 0 when there was room,
 * otherwise the microseconds until the oldest entry leaves the window. */
static const char script[] = "local t = redis.call('TIME')\n"
			     "local now = t[1] * 1000000 + t[2]\n"
			     "local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])\n"
			     "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)\n"
			     "if redis.call('ZCARD', KEYS[1]) < limit then\n"
			     "  redis.call('ZADD', KEYS[1], now, ARGV[3])\n"
			     "  redis.call('PEXPIRE', KEYS[1], window / 1000)\n"
			     "  return 0\n"
			     "end\n"
			     "local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')\n"
			     "return math.max(1, oldest[2] + window - now)\n";

int64_t sr_rate_retry_after(int64_t us)
{
	int64_t seconds = (us + 999999) / 1000000;
	int64_t most = SR_RATE_WINDOW_US / 1000000;

	return seconds < 1 ? 1 : seconds > most ? most : seconds;
}

void sr_rate_take(struct sr_kv *kv, const char *project, int limit, struct sr_rate_verdict *verdict,
		  struct sr_error *err)
{
	static atomic_llong sequence;
	char key[128], max[16], window[24], member[64];
	const char *argv[] = {"EVAL", script, "1", key, max, window, member};
	redisReply *reply;

	*verdict = (struct sr_rate_verdict){.allowed = true};
	if (limit == 0)
		return;
	snprintf(key, sizeof(key), "ratelimit:reserve:%s", project);
	snprintf(max, sizeof(max), "%d", limit);
	snprintf(window, sizeof(window), "%lld", (long long)SR_RATE_WINDOW_US);
	snprintf(member, sizeof(member), "%p-%d-%lld", (void *)kv, (int)getpid(),
		 (long long)atomic_fetch_add(&sequence, 1));
	if (sr_kv_command(kv, 7, argv, &reply, err)) {
		verdict->skipped = true;
		return;
	}
	if (reply->type == REDIS_REPLY_INTEGER && reply->integer > 0) {
		verdict->allowed = false;
		verdict->retry_after = sr_rate_retry_after(reply->integer);
	}
	freeReplyObject(reply);
}
