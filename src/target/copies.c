#include "copies.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct copy {
	struct copy *next;
	char *read;
	char *answer;
};

struct sr_copies {
	pthread_mutex_t lock;
	int count;
	struct {
		unsigned writes; /* what _find gives as its mark */
		struct copy *first;
	} projects[];
};

struct sr_copies *sr_copies_new(int projects)
{
	struct sr_copies *copies = calloc(1, sizeof(*copies) + (size_t)projects * sizeof(copies->projects[0]));

	if (!copies)
		return NULL;
	copies->count = projects;
	pthread_mutex_init(&copies->lock, NULL);
	return copies;
}

static void free_copy(struct copy *copy)
{
	free(copy->read);
	free(copy->answer);
	free(copy);
}

static void drop_all(struct sr_copies *copies, int project)
{
	struct copy *copy;

	while ((copy = copies->projects[project].first)) {
		copies->projects[project].first = copy->next;
		free_copy(copy);
	}
}

void sr_copies_free(struct sr_copies *copies)
{
	if (!copies)
		return;
	for (int i = 0; i < copies->count; i++)
		drop_all(copies, i);
	pthread_mutex_destroy(&copies->lock);
	free(copies);
}

char *sr_copies_find(struct sr_copies *copies, int project, const char *read, unsigned *mark)
{
	char *answer = NULL;

	*mark = 0;
	if (!copies)
		return NULL;
	pthread_mutex_lock(&copies->lock);
	*mark = copies->projects[project].writes;
	for (struct copy *copy = copies->projects[project].first; copy && !answer; copy = copy->next) {
		if (strcmp(copy->read, read) == 0)
			answer = strdup(copy->answer);
	}
	pthread_mutex_unlock(&copies->lock);
	return answer;
}

void sr_copies_keep(struct sr_copies *copies, int project, const char *read, unsigned mark, const char *answer)
{
	struct copy *copy = copies && answer ? calloc(1, sizeof(*copy)) : NULL;

	if (!copy)
		return;
	copy->read = strdup(read);
	copy->answer = strdup(answer);
	pthread_mutex_lock(&copies->lock);
	if (copy->read && copy->answer && copies->projects[project].writes == mark) {
		copy->next = copies->projects[project].first;
		copies->projects[project].first = copy;
		copy = NULL;
	}
	pthread_mutex_unlock(&copies->lock);
	if (copy)
		free_copy(copy);
}

void sr_copies_drop(struct sr_copies *copies, int project)
{
	if (!copies)
		return;
	pthread_mutex_lock(&copies->lock);
	copies->projects[project].writes++;
	drop_all(copies, project);
	pthread_mutex_unlock(&copies->lock);
}
