#include "mcp/cache.h"

#include "app.h"
#include "fault.h"
#include "mcp/content.h"
#include "mcp/mcp.h"
#include "mcp/meters.h"
#include "mcp/token.h"
#include "pause.h"

#include "scalerun/base/clock.h"

#include <stdio.h>
#include <string.h>

#define SR_CACHE_LOCK_MS   "5000" /* a loader that died holds the others up no longer */
#define SR_CACHE_WAIT      (2 * SR_S)
#define SR_CACHE_POLL      SR_MS
#define SR_CACHE_POLL_MAX  (10 * SR_MS)
#define SR_CACHE_OVERLAP   (20 * SR_MS)  /* cache_stampede: long enough for all of a burst to miss */
#define SR_CACHE_SLOW      (30 * SR_MS)  /* slow_hit */
#define SR_CACHE_SLOW_ANY  (150 * SR_MS) /* slow_resources */
#define SR_CACHE_SLOW_DISK (80 * SR_MS)  /* slow_miss */
#define SR_CACHE_EARLY     300           /* early_expiry: part of the time to live */

/* Gives the lock back only while it is still ours. */
static const char unlock_script[] =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0";

struct load {
	struct sr_app *app;
	enum sr_kind kind;
	const char *name;
	struct sr_buf *buf;
	char key[SR_URI_KEY_SIZE];
	char lock[SR_URI_KEY_SIZE + 8];
	char token[SR_TOKEN_SIZE];
};

/* What one question to Redis can bring. */
enum answer { YES, NO, DOWN };

static enum answer down(struct load *load, const struct sr_error *err)
{
	sr_jlog_event(load->app->log, SR_LOG_WARN, "cache_bypassed", "%s/%s: %s", sr_kind_name(load->kind), load->name,
		      err->text);
	return DOWN;
}

static enum answer fetch(struct load *load)
{
	const char *argv[] = {"GET", load->key};
	enum answer answer = NO;
	struct sr_error err;
	redisReply *reply;

	if (sr_kv_command(load->app->kv, 2, argv, &reply, &err))
		return down(load, &err);
	if (reply->type == REDIS_REPLY_STRING && sr_buf_append(load->buf, reply->str, reply->len) == 0)
		answer = YES;
	freeReplyObject(reply);
	return answer;
}

static enum answer take_lock(struct load *load)
{
	const char *argv[] = {"SET", load->lock, load->token, "NX", "PX", SR_CACHE_LOCK_MS};
	enum answer answer;
	struct sr_error err;
	redisReply *reply;

	if (sr_kv_command(load->app->kv, 6, argv, &reply, &err))
		return down(load, &err);
	answer = reply->type == REDIS_REPLY_STATUS ? YES : NO;
	freeReplyObject(reply);
	return answer;
}

static void give_lock(struct load *load)
{
	const char *argv[] = {"EVAL", unlock_script, "1", load->lock, load->token};
	redisReply *reply;

	if (sr_kv_command(load->app->kv, 5, argv, &reply, NULL) == 0)
		freeReplyObject(reply);
}

/* Best effort: without it the next request loads again. */
static void store(struct load *load)
{
	int64_t life = load->app->options->cache_ttl / (sr_fault_on(SR_FAULT_EARLY_EXPIRY) ? SR_CACHE_EARLY : 1);
	char ttl[24];
	const char *argv[] = {"SET", load->key, sr_buf_cstr(load->buf), "PX", ttl};
	redisReply *reply;

	snprintf(ttl, sizeof(ttl), "%lld", (long long)((life + SR_MS - 1) / SR_MS));
	if (argv[2] && sr_kv_command(load->app->kv, 5, argv, &reply, NULL) == 0)
		freeReplyObject(reply);
}

static int read_disk(struct load *load, struct sr_error *err)
{
	int rc;

	sr_buf_clear(load->buf);
	rc = sr_content_read(load->app->mcp->content, load->kind, load->name, load->buf, err);
	if (!rc && sr_fault_on(SR_FAULT_SLOW_MISS))
		sr_pause(SR_CACHE_SLOW_DISK);
	return rc;
}

/* The lock is ours: by now another request may have filled the cache between our look and the lock. */
static int load_locked(struct load *load, enum sr_load *how, struct sr_error *err)
{
	int rc = 0;

	*how = SR_LOAD_HIT;
	if (fetch(load) != YES) {
		*how = SR_LOAD_MISS;
		rc = read_disk(load, err);
		if (!rc)
			store(load);
	}
	give_lock(load);
	return rc;
}

/* fault cache_stampede: what a cache without single flight does */
static int load_unlocked(struct load *load, enum sr_load *how, struct sr_error *err)
{
	int rc;

	*how = SR_LOAD_MISS;
	sr_pause(SR_CACHE_OVERLAP);
	rc = read_disk(load, err);
	if (!rc)
		store(load);
	return rc;
}

static int load_missing(struct load *load, enum sr_load *how, struct sr_error *err)
{
	int64_t deadline = sr_now() + SR_CACHE_WAIT;
	int64_t pause = SR_CACHE_POLL;

	if (sr_fault_on(SR_FAULT_CACHE_STAMPEDE))
		return load_unlocked(load, how, err);
	sr_token_make(load->token);
	while (sr_now() < deadline) {
		switch (take_lock(load)) {
		case YES:
			return load_locked(load, how, err);
		case NO:
			break;
		case DOWN:
			*how = SR_LOAD_BYPASS;
			return read_disk(load, err);
		}
		sr_pause(pause);
		pause = pause * 2 < SR_CACHE_POLL_MAX ? pause * 2 : SR_CACHE_POLL_MAX;
		if (fetch(load) == YES) {
			*how = SR_LOAD_HIT;
			return 0;
		}
	}
	*how = SR_LOAD_BYPASS;
	return read_disk(load, err);
}

/* fault cache_wrong_content: what a cache with a wrong key does. Another document of the kind, or of any. */
static int load_other(struct load *load, struct sr_error *err)
{
	enum sr_kind kinds[] = {load->kind, SR_KIND_TEMPLATES};
	struct sr_names names;
	int rc = -SR_ESTATE;

	for (int k = 0; k < 2 && rc; k++) {
		sr_names_init(&names);
		if (sr_content_list(load->app->mcp->content, kinds[k], &names, err) == 0) {
			for (int i = 0; i < names.count && rc; i++) {
				if (kinds[k] == load->kind && strcmp(names.items[i], load->name) == 0)
					continue;
				sr_buf_clear(load->buf);
				rc = sr_content_read(load->app->mcp->content, kinds[k], names.items[i], load->buf, err);
			}
		}
		sr_names_deinit(&names);
	}
	return rc;
}

static int load_any(struct load *load, enum sr_load *how, struct sr_error *err)
{
	if (sr_fault_on(SR_FAULT_CACHE_OFF)) {
		*how = SR_LOAD_MISS;
		return read_disk(load, err);
	}
	switch (fetch(load)) {
	case YES:
		*how = SR_LOAD_HIT;
		return 0;
	case DOWN:
		*how = SR_LOAD_BYPASS;
		return read_disk(load, err);
	default:
		return load_missing(load, how, err);
	}
}

int sr_cache_load(struct sr_app *app, enum sr_kind kind, const char *name, struct sr_buf *buf, bool *hit,
		  struct sr_error *err)
{
	struct load load = {.app = app, .kind = kind, .name = name, .buf = buf};
	int64_t begun = sr_now();
	enum sr_load how;
	int rc;

	sr_uri_cache_key(load.key, kind, name);
	snprintf(load.lock, sizeof(load.lock), "lock:%s", load.key);
	rc = load_any(&load, &how, err);
	*hit = how == SR_LOAD_HIT;
	if (!rc && *hit && sr_fault_on(SR_FAULT_SLOW_HIT))
		sr_pause(SR_CACHE_SLOW);
	if (!rc && sr_fault_due(SR_FAULT_SLOW_RESOURCES))
		sr_pause(SR_CACHE_SLOW_ANY);
	if (!rc && *hit && sr_fault_due(SR_FAULT_CACHE_WRONG_CONTENT))
		rc = load_other(&load, err);
	if (!rc)
		sr_meters_loaded(app->mcp->meters, kind, name, how, sr_now() - begun);
	return rc;
}
