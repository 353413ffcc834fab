#include "fault.h"

#include "scalerun/base/error.h"

#include <stdatomic.h>
#include <string.h>

/* Counted turns instead of chance: a fault that may stay hidden in a run proves nothing about a check. */
const struct sr_fault_info sr_faults[SR_FAULT_COUNT] = {
    [SR_FAULT_DUPLICATE_ID] = {"duplicate_id", "every 7th allocation hands out ids that another request already has",
			       7},
    [SR_FAULT_GAP_ID] = {"gap_id", "every 7th allocation skips a number", 7},
    [SR_FAULT_UNORDERED_ID] = {"unordered_id",
			       "every 20th allocation of one id skips a number, which the 20th after it gets", 20},
    [SR_FAULT_ALLOCATION_CONFLICT] = {"allocation_conflict",
				      "allocations at the same instant fail each other: no lock, no retry", 1},
    [SR_FAULT_READ_COMMITTED] = {"read_committed",
				 "ids are allocated in READ COMMITTED transactions (right only by luck)", 1},
    [SR_FAULT_LEAK_TASKS] = {"leak_tasks", "a task read that names another project answers with its tasks", 1},
    [SR_FAULT_LEAK_TASKS_UNDER_LOAD] =
	{"leak_tasks_under_load",
	 "while two projects have requests in flight, every 3rd task read answers with the other one's tasks", 3},
    [SR_FAULT_CROSS_WRITE] = {"cross_write", "a status update of another project's task succeeds", 1},
    [SR_FAULT_CROSS_READ_ERROR] = {"cross_read_error",
				   "a task read that names another project is refused with 403 instead of empty", 1},
    [SR_FAULT_MCP_REPLY_MIXUP] =
	{"mcp_reply_mixup", "MCP answers of two projects' requests in flight with the same JSON-RPC id are swapped", 1},
    [SR_FAULT_CACHE_OFF] = {"cache_off", "documents are read from disk every time", 1},
    [SR_FAULT_CACHE_STAMPEDE] = {"cache_stampede", "every request that misses reads the disk, no single flight", 1},
    [SR_FAULT_CACHE_WRONG_CONTENT] = {"cache_wrong_content", "every 5th hit answers with another document", 5},
    [SR_FAULT_SLOW_HIT] = {"slow_hit", "a hit takes 30 ms longer", 1},
    [SR_FAULT_ARTIFACT_SHARED_PATH] = {"artifact_shared_path", "all projects' artifacts share one folder", 1},
    [SR_FAULT_ARTIFACT_CROSS_READ] = {"artifact_cross_read", "an artifact that only another project has is read", 1},
    [SR_FAULT_ARTIFACT_TORN_WRITE] = {"artifact_torn_write",
				      "artifacts are written in place, in two halves with a pause between them", 1},
    [SR_FAULT_QUEUE_SHARED] = {"queue_shared", "all projects share one task queue in Redis", 1},
    [SR_FAULT_SLOW_UNDER_LOAD] = {"slow_under_load",
				  "while another project is active, too, every request takes 30 % longer", 1},
    [SR_FAULT_WAIT_UNDER_LOAD] = {"wait_under_load",
				  "while another project is active, too, every request takes 60 ms longer", 1},
    [SR_FAULT_SLOW_TAIL] = {"slow_tail", "every 100th request with a key takes 300 ms longer", 100},
    [SR_FAULT_SLOW_MISS] = {"slow_miss", "reading a document from disk takes 80 ms longer", 1},
    [SR_FAULT_SLOW_RESOURCES] = {"slow_resources", "every 10th document takes 150 ms longer, cached or not", 10},
    [SR_FAULT_SLOW_TOOLS] = {"slow_tools", "every 10th tool call takes 600 ms longer", 10},
    [SR_FAULT_SLOW_HEALTH] = {"slow_health", "/health takes 150 ms longer", 1},
    [SR_FAULT_HEALTH_LIES] = {"health_lies", "/health says healthy, database up and Redis down, whatever is the case",
			      1},
    [SR_FAULT_METRICS_LIE] = {"metrics_lie",
			      "/metrics leaves out every 2nd request, counts misses as hits and halves the pool", 2},
    [SR_FAULT_EARLY_EXPIRY] = {"early_expiry", "cached documents expire after a 300th of their time to live", 1},
    [SR_FAULT_POOL_LEAK] = {"pool_leak", "every 20th use of a connection never gives it back, up to half of the pool",
			    20},
    [SR_FAULT_POOL_UNBOUNDED] = {"pool_unbounded", "the pool opens connections without a limit", 1},
    [SR_FAULT_POOL_TIMEOUT] = {"pool_timeout", "who waits for a connection gets 503 after 2 ms", 1},
    [SR_FAULT_POOL_HOARD] = {"pool_hoard", "the overflow's connections are not closed after use", 1},
    [SR_FAULT_CONNECTION_CONTEXT_BLEED] = {"connection_context_bleed",
					   "every 3rd task read gets the project that its connection was last used for",
					   3},
    [SR_FAULT_LOST_ACK] = {"lost_ack", "tasks are added and change their status 400 ms after the answer that says so",
			   1},
    [SR_FAULT_N_PLUS_ONE] = {"n_plus_one", "a list of tasks takes a statement for each of its rows", 1},
    [SR_FAULT_MISSING_INDEX] = {"missing_index", "--init-schema drops the indexes by which tasks are read in order", 1},
    [SR_FAULT_STICKY_STATE] = {"sticky_state",
			       "artifacts are in the memory of the replica that stored them, and go with it", 1},
    [SR_FAULT_STALE_READ] = {"stale_read",
			     "a replica repeats its answers to task reads until something is written through it", 1},
    [SR_FAULT_QUEUE_FOREIGN] = {"queue_foreign",
				"a project's queue in Redis holds the others' tasks, too, behind its own", 1},
    [SR_FAULT_ARTIFACT_LISTING_LEAK] = {"artifact_listing_leak", "resources/list has the artifacts of all projects", 1},
    [SR_FAULT_PATH_TRAVERSAL] = {"path_traversal",
				 "an artifact id of ../project/id, plain or escaped, reads that project's artifact", 1},
};

bool sr_fault_active[SR_FAULT_COUNT];
static atomic_uint opportunities[SR_FAULT_COUNT];

int sr_fault_set(const char *name)
{
	for (int i = 0; i < SR_FAULT_COUNT; i++) {
		if (strcmp(sr_faults[i].name, name) == 0) {
			sr_fault_active[i] = true;
			return 0;
		}
	}
	return -SR_EINVAL;
}

bool sr_fault_due(enum sr_fault fault)
{
	if (!sr_fault_active[fault])
		return false;
	return (atomic_fetch_add(&opportunities[fault], 1) + 1) % sr_faults[fault].period == 0;
}
