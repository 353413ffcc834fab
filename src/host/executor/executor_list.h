/* Every executor there is: its file defines it, executor.c lists it. */
#ifndef SR_EXECUTOR_LIST_H
#define SR_EXECUTOR_LIST_H

#include "scalerun/host/executor.h"

extern const struct sr_executor sr_executor_per_project_iterations;
extern const struct sr_executor sr_executor_shared_iterations;
extern const struct sr_executor sr_executor_constant_projects;
extern const struct sr_executor sr_executor_constant_arrival_rate;
extern const struct sr_executor sr_executor_ramping_arrival_rate;

/* How many arrivals a load has: about `guess`, which need not be right. */
int64_t sr_executor_count_arrivals(const struct sr_load *load, double guess);

/* Refuses what only closed models take. */
int sr_executor_check_open(const struct sr_load *load, struct sr_error *err);

#endif
