#include "scalerun/host/executor.h"
#include "executor_list.h"

#include <stddef.h>
#include <string.h>

static const struct sr_executor *const executors[] = {
    &sr_executor_per_project_iterations, &sr_executor_shared_iterations,    &sr_executor_constant_projects,
    &sr_executor_constant_arrival_rate,  &sr_executor_ramping_arrival_rate, NULL,
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

int sr_load_check(const struct sr_load *load, struct sr_error *err)
{
	if (load->shared && !load->executor->arrival)
		return sr_fail(err, SR_EINVAL, "load", "%s has no arrivals that projects could share",
			       load->executor->name);
	return load->executor->check(load, err);
}

int64_t sr_schedule_arrival(const struct sr_schedule *schedule, int64_t number)
{
	const struct sr_load *load = schedule->load;

	if (load->shared)
		number = (number - 1) * schedule->parties + schedule->place + 1;
	return load->executor->arrival(load, number);
}

int64_t sr_schedule_total(const struct sr_schedule *schedule)
{
	const struct sr_load *load = schedule->load;
	int64_t total = load->executor->total(load);

	if (!load->shared || total < 0)
		return total;
	return total > schedule->place ? (total - 1 - schedule->place) / schedule->parties + 1 : 0;
}

int64_t sr_executor_count_arrivals(const struct sr_load *load, double guess)
{
	int64_t count = (int64_t)guess;

	while (load->executor->arrival(load, count + 1) >= 0)
		count++;
	while (count > 0 && load->executor->arrival(load, count) < 0)
		count--;
	return count;
}

int sr_executor_check_open(const struct sr_load *load, struct sr_error *err)
{
	if (load->iterations)
		return sr_fail(err, SR_EINVAL, "load", "%s counts by its rate and takes no iterations",
			       load->executor->name);
	if (load->pacing)
		return sr_fail(err, SR_EINVAL, "load", "%s starts iterations by its rate and takes no pacing",
			       load->executor->name);
	return 0;
}
