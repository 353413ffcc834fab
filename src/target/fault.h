/* Faults: defects that the target shows on request, so that a check can be seen to fail. All are off
 * unless --fault named them. Set before the server starts; read by any thread. */
#ifndef TARGET_FAULT_H
#define TARGET_FAULT_H

#include <stdbool.h>

enum sr_fault {
	SR_FAULT_DUPLICATE_ID,
	SR_FAULT_GAP_ID,
	SR_FAULT_UNORDERED_ID,
	SR_FAULT_ALLOCATION_CONFLICT,
	SR_FAULT_READ_COMMITTED,
	SR_FAULT_LEAK_TASKS,
	SR_FAULT_LEAK_TASKS_UNDER_LOAD,
	SR_FAULT_CROSS_WRITE,
	SR_FAULT_CROSS_READ_ERROR,
	SR_FAULT_MCP_REPLY_MIXUP,
	SR_FAULT_CACHE_OFF,
	SR_FAULT_CACHE_STAMPEDE,
	SR_FAULT_CACHE_WRONG_CONTENT,
	SR_FAULT_SLOW_HIT,
	SR_FAULT_ARTIFACT_SHARED_PATH,
	SR_FAULT_ARTIFACT_CROSS_READ,
	SR_FAULT_ARTIFACT_TORN_WRITE,
	SR_FAULT_QUEUE_SHARED,
	SR_FAULT_SLOW_UNDER_LOAD,
	SR_FAULT_WAIT_UNDER_LOAD,
	SR_FAULT_SLOW_TAIL,
	SR_FAULT_SLOW_MISS,
	SR_FAULT_SLOW_RESOURCES,
	SR_FAULT_SLOW_TOOLS,
	SR_FAULT_SLOW_HEALTH,
	SR_FAULT_HEALTH_LIES,
	SR_FAULT_METRICS_LIE,
	SR_FAULT_EARLY_EXPIRY,
	SR_FAULT_POOL_LEAK,
	SR_FAULT_POOL_UNBOUNDED,
	SR_FAULT_POOL_TIMEOUT,
	SR_FAULT_POOL_HOARD,
	SR_FAULT_CONNECTION_CONTEXT_BLEED,
	SR_FAULT_LOST_ACK,
	SR_FAULT_N_PLUS_ONE,
	SR_FAULT_MISSING_INDEX,
	SR_FAULT_STICKY_STATE,
	SR_FAULT_STALE_READ,
	SR_FAULT_QUEUE_FOREIGN,
	SR_FAULT_ARTIFACT_LISTING_LEAK,
	SR_FAULT_PATH_TRAVERSAL,
	SR_FAULT_COUNT
};

struct sr_fault_info {
	const char *name;   /* what --fault takes */
	const char *breaks; /* what goes wrong, one line */
	unsigned period;    /* shows at every period-th opportunity */
};

extern const struct sr_fault_info sr_faults[SR_FAULT_COUNT];
extern bool sr_fault_active[SR_FAULT_COUNT];

/* Turns a fault on by its name. 0, or -SR_EINVAL: no such fault. */
int sr_fault_set(const char *name);

static inline bool sr_fault_on(enum sr_fault fault)
{
	return sr_fault_active[fault];
}

/* Whether the fault is on and it is its turn: true at every period-th call. */
bool sr_fault_due(enum sr_fault fault);

#endif
