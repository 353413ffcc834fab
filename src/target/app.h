/* What every request handler may use; made by main, read-only while the server runs. */
#ifndef TARGET_APP_H
#define TARGET_APP_H

#include "copies.h"
#include "db.h"
#include "flights.h"
#include "health.h"
#include "jlog.h"
#include "keys.h"
#include "kv.h"
#include "options.h"
#include "stats.h"

struct sr_mcp;

struct sr_app {
	const struct sr_options *options;
	struct sr_keys *keys;
	struct sr_db *db;
	struct sr_kv *kv;
	struct sr_health *health;
	struct sr_stats *stats;
	struct sr_jlog *log;
	struct sr_mcp *mcp;
	struct sr_flights *flights; /* NULL unless a fault needs it */
	struct sr_copies *copies;   /* NULL unless a fault needs it */
	int64_t started;            /* sr_now() at start */
};

#endif
