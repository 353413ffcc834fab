/* A task as the API shows it. */
#ifndef TARGET_TASK_ROW_H
#define TARGET_TASK_ROW_H

#include "jsonw.h"

#include <libpq-fe.h>

#define SR_UTC(column) "to_char(" column " AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"

/* The select list that sr_task_row_write reads. */
#define SR_TASK_COLUMNS                                                                                                \
	"task_id, project_id, description, generator_name, status, inputs, expected_outputs, context_notes, " SR_UTC(  \
	    "created_at") ", " SR_UTC("updated_at") ", " SR_UTC("completed_at") ", completion_notes"

/* Number of columns in it: what a query adds comes after. */
#define SR_TASK_COLUMN_COUNT 12

#define SR_TASK_STATUSES "pending, in_progress, completed"

/* Writes row `row` of result as one JSON object. */
void sr_task_row_write(struct sr_jsonw *out, const PGresult *result, int row);

#endif
