/* Every executor there is: its file defines it, executor.c lists it. */
#ifndef SR_EXECUTOR_LIST_H
#define SR_EXECUTOR_LIST_H

#include "scalerun/host/executor.h"

extern const struct sr_executor sr_executor_per_project_iterations;
extern const struct sr_executor sr_executor_constant_projects;

#endif
