/* The prepared statements of one connection: which texts the server knows, by which name, and which of
 * them was used least recently. No I/O. */
#ifndef SR_PG_STATEMENTS_H
#define SR_PG_STATEMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PG_STATEMENT_TEXT (64u << 10) /* longer texts are not kept */
#define PG_STATEMENT_NAME 32

struct pg_statement {
	uint64_t id; /* never used twice */
	uint64_t hash;
	size_t length;
	bool parsed; /* the server has confirmed it */
	bool stale;  /* not to be used again: the next to go */
	struct pg_statement *newer, *older;
	struct pg_statement *chain;
	char sql[];
};

struct pg_statements {
	unsigned max, count, nbuckets;
	uint64_t last_id;
	struct pg_statement *newest, *oldest;
	struct pg_statement **buckets;
};

int sr_pg_statements_init(struct pg_statements *set, unsigned max); /* 0 or -SR_ENOMEM */
void sr_pg_statements_deinit(struct pg_statements *set);

/* The statement of this text, made the newest; NULL: none. */
struct pg_statement *sr_pg_statements_find(struct pg_statements *set, const char *sql, size_t length);
struct pg_statement *sr_pg_statements_get(struct pg_statements *set, uint64_t id);

/* A new one, not yet parsed. NULL: no memory, no room, or a text that is too long. */
struct pg_statement *sr_pg_statements_add(struct pg_statements *set, const char *sql, size_t length);

/* The one to drop when the set is full: a stale one, else the least recently used of those parsed. */
struct pg_statement *sr_pg_statements_victim(struct pg_statements *set);
bool sr_pg_statements_full(const struct pg_statements *set);
void sr_pg_statements_remove(struct pg_statements *set, struct pg_statement *statement);

void sr_pg_statement_name(uint64_t id, char name[PG_STATEMENT_NAME]);

#endif
