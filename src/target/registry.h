/* Allocation of artifact ids: one sequence per type and scope in id_registry, advanced in SERIALIZABLE
 * transactions that queue on a lock taken before their snapshot, so that they do not fail each other. */
#ifndef TARGET_REGISTRY_H
#define TARGET_REGISTRY_H

#include "db.h"

struct sr_allocation {
	const char *type;    /* of sr_artifact_type() */
	const char *scope;   /* "global" or a project id */
	int count;           /* how many, >= 1 */
	bool allow_faults;   /* whether faults may spoil this one */
	int64_t floor;       /* numbers up to here are taken; 0: unknown */
	int64_t last_before; /* out: the last number handed out before these */
	int64_t first;       /* out: first of `count` consecutive numbers */
};

/* What else belongs to the transaction; runs after the registry was advanced, before COMMIT. */
typedef int sr_registry_body(struct sr_db_conn *conn, struct sr_allocation *allocation, void *arg,
			     struct sr_error *err);

/* The whole transaction, inside a sr_db_work: lock, BEGIN, advance, body (may be NULL), COMMIT, unlock. */
int sr_registry_allocate(struct sr_db_conn *conn, struct sr_allocation *allocation, sr_registry_body *body, void *arg,
			 struct sr_error *err);

#endif
