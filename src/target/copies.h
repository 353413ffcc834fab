/* Fault stale_read: answers to task reads that this process keeps, by project, until something is written
 * through it. Any thread. All functions take copies NULL: nothing is kept. */
#ifndef TARGET_COPIES_H
#define TARGET_COPIES_H

struct sr_copies;

struct sr_copies *sr_copies_new(int projects); /* NULL: no memory */
void sr_copies_free(struct sr_copies *copies);

/* The answer kept for this read, the caller's to free; NULL: none. *mark is for _keep. */
char *sr_copies_find(struct sr_copies *copies, int project, const char *read, unsigned *mark);

/* Keeps an answer, unless something was written since the mark. */
void sr_copies_keep(struct sr_copies *copies, int project, const char *read, unsigned mark, const char *answer);

/* The project's tasks have changed. */
void sr_copies_drop(struct sr_copies *copies, int project);

#endif
