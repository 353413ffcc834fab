#include "statements.h"

#include "scalerun/base/error.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int sr_pg_statements_init(struct pg_statements *set, unsigned max)
{
	unsigned nbuckets = 16;

	while (nbuckets < max && nbuckets < 1u << 16)
		nbuckets *= 2;
	*set = (struct pg_statements){.max = max, .nbuckets = nbuckets};
	set->buckets = calloc(nbuckets, sizeof *set->buckets);
	return set->buckets ? 0 : -SR_ENOMEM;
}

void sr_pg_statements_deinit(struct pg_statements *set)
{
	while (set->newest)
		sr_pg_statements_remove(set, set->newest);
	free(set->buckets);
	set->buckets = NULL;
}

/* FNV-1a */
static uint64_t hash_of(const char *sql, size_t length)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)sql[i]) * UINT64_C(0x100000001b3);
	return hash;
}

static struct pg_statement **bucket_of(struct pg_statements *set, uint64_t hash)
{
	return &set->buckets[hash & (set->nbuckets - 1)];
}

static void unlink_age(struct pg_statements *set, struct pg_statement *statement)
{
	if (statement->newer)
		statement->newer->older = statement->older;
	else
		set->newest = statement->older;
	if (statement->older)
		statement->older->newer = statement->newer;
	else
		set->oldest = statement->newer;
}

static void link_newest(struct pg_statements *set, struct pg_statement *statement)
{
	statement->newer = NULL;
	statement->older = set->newest;
	if (set->newest)
		set->newest->newer = statement;
	else
		set->oldest = statement;
	set->newest = statement;
}

struct pg_statement *sr_pg_statements_find(struct pg_statements *set, const char *sql, size_t length)
{
	uint64_t hash = hash_of(sql, length);
	struct pg_statement *at = *bucket_of(set, hash);

	for (; at; at = at->chain) {
		if (at->hash != hash || at->length != length || at->stale || memcmp(at->sql, sql, length) != 0)
			continue;
		if (at != set->newest) {
			unlink_age(set, at);
			link_newest(set, at);
		}
		return at;
	}
	return NULL;
}

struct pg_statement *sr_pg_statements_get(struct pg_statements *set, uint64_t id)
{
	struct pg_statement *at = set->newest;

	while (at && at->id != id)
		at = at->older;
	return at;
}

bool sr_pg_statements_full(const struct pg_statements *set)
{
	return set->count >= set->max;
}

struct pg_statement *sr_pg_statements_add(struct pg_statements *set, const char *sql, size_t length)
{
	struct pg_statement *made, **bucket;

	if (sr_pg_statements_full(set) || length > PG_STATEMENT_TEXT)
		return NULL;
	made = malloc(sizeof *made + length);
	if (!made)
		return NULL;
	*made = (struct pg_statement){.id = ++set->last_id, .hash = hash_of(sql, length), .length = length};
	memcpy(made->sql, sql, length);
	bucket = bucket_of(set, made->hash);
	made->chain = *bucket;
	*bucket = made;
	link_newest(set, made);
	set->count++;
	return made;
}

struct pg_statement *sr_pg_statements_victim(struct pg_statements *set)
{
	struct pg_statement *found = NULL;

	for (struct pg_statement *at = set->oldest; at; at = at->newer) {
		if (at->stale)
			return at;
		if (!found && at->parsed)
			found = at;
	}
	return found;
}

void sr_pg_statements_remove(struct pg_statements *set, struct pg_statement *statement)
{
	struct pg_statement **at = bucket_of(set, statement->hash);

	while (*at != statement)
		at = &(*at)->chain;
	*at = statement->chain;
	unlink_age(set, statement);
	set->count--;
	free(statement);
}

void sr_pg_statement_name(uint64_t id, char name[PG_STATEMENT_NAME])
{
	snprintf(name, PG_STATEMENT_NAME, "scalerun_%" PRIu64, id);
}
