/* Lists of names, and their pages: a cursor is the last name of a page, wrapped so that clients do not
 * read anything into it. It needs no state, so any replica can go on where another one stopped. */
#ifndef TARGET_MCP_NAMES_H
#define TARGET_MCP_NAMES_H

#include <stdbool.h>

#define SR_NAMES_MAX     100000
#define SR_NAMES_LONGEST 300 /* bytes of one name */
#define SR_NAMES_CURSOR  512

struct sr_names {
	int count;
	int capacity;
	char **items; /* owned */
};

void sr_names_init(struct sr_names *names);
void sr_names_deinit(struct sr_names *names);
int sr_names_add(struct sr_names *names, const char *name); /* copied; -SR_ELIMIT, -SR_ENOMEM */
void sr_names_sort(struct sr_names *names);                 /* by bytes */

struct sr_page {
	int begin, end;             /* of the names to show */
	char next[SR_NAMES_CURSOR]; /* "" on the last page */
};

/* The page of sorted names after cursor (NULL: the first). `list` (up to 20 bytes) says which list a cursor
 * belongs to.
 * False: the cursor is not one of this list's. */
bool sr_names_page(const struct sr_names *names, const char *list, const char *cursor, int size, struct sr_page *page);

#endif
