/* Redis for request handlers: a few pooled connections with short deadlines, and a pause after a failure,
 * so that a Redis that is down or hangs does not slow every request. Any thread. */
#ifndef TARGET_KV_H
#define TARGET_KV_H

#include "scalerun/base/error.h"

#include <hiredis/hiredis.h>

struct sr_kv;

/* redis://[[user]:password@]host[:port][/db] or unix:///path. Connects on first use. Errors never show
 * the password. */
int sr_kv_new(const char *url, struct sr_kv **kv, struct sr_error *err);
void sr_kv_free(struct sr_kv *kv);

/* One command; *reply is the caller's (freeReplyObject). -SR_ECONNECT, -SR_ECLOSED, -SR_ETIMEOUT: Redis is
 * not to be had; for a second after such a failure calls return -SR_ECONNECT at once. -SR_ESERVER: an
 * error reply, its first word in err->detail. */
int sr_kv_command(struct sr_kv *kv, int argc, const char **argv, redisReply **reply, struct sr_error *err);

/* PING, pause or not; an answer ends the pause. For health checks. */
int sr_kv_ping(struct sr_kv *kv, struct sr_error *err);

#endif
