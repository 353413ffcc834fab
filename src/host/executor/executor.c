#include "scalerun/host/executor.h"
#include "executor_list.h"

#include <stddef.h>
#include <string.h>

static const struct sr_executor *const executors[] = {
    &sr_executor_per_project_iterations,
    &sr_executor_constant_projects,
    NULL,
};

const struct sr_executor *sr_executor_at(int index)
{
	return executors[index];
}

const struct sr_executor *sr_executor_find(const char *name)
{
	for (int i = 0; executors[i]; i++)
		if (strcmp(executors[i]->name, name) == 0)
			return executors[i];
	return NULL;
}
