#include "task_row.h"

void sr_task_row_write(struct sr_jsonw *out, const PGresult *result, int row)
{
	static const struct {
		const char *name;
		bool json;
	} columns[SR_TASK_COLUMN_COUNT] = {
	    {"task_id", false},    {"project_id", false}, {"description", false},     {"generator_name", false},
	    {"status", false},     {"inputs", true},      {"expected_outputs", true}, {"context_notes", false},
	    {"created_at", false}, {"updated_at", false}, {"completed_at", false},    {"completion_notes", false},
	};

	sr_jsonw_begin(out, '{');
	for (int i = 0; i < SR_TASK_COLUMN_COUNT; i++) {
		const char *value = PQgetisnull(result, row, i) ? NULL : PQgetvalue(result, row, i);

		sr_jsonw_key(out, columns[i].name);
		if (value && columns[i].json)
			sr_jsonw_raw(out, value);
		else
			sr_jsonw_string(out, value);
	}
	sr_jsonw_end(out, '}');
}
