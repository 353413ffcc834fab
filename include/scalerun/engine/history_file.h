/* Histories as files: JSON lines, one op each, in a file of sr_zfile. The keys of a line:
 *
 *   scenario, phase, arm, project            whose it is
 *   user, iteration                          numbers from 1
 *   kind, f, key                             what it did to what: "id", "allocate", "US"
 *   input, output                            JSON values
 *   error                                    kind of the failure; absent when it succeeded
 *   replica, attempt                         who answered, and how often it was sent
 *   scheduled_ns, started_ns, ended_ns       nanoseconds of the machine's monotonic clock
 *
 * What is empty is left out. Reading takes the keys in any order and passes over others. */
#ifndef SCALERUN_ENGINE_HISTORY_FILE_H
#define SCALERUN_ENGINE_HISTORY_FILE_H

#include "scalerun/base/buf.h"
#include "scalerun/engine/history.h"
#include "scalerun/engine/zfile.h"

/* Appends the ops of the query. scenario: for histories without such a label. */
int sr_history_write(const struct sr_history_query *query, const char *scenario, struct sr_zfile *file,
		     struct sr_error *err);

/* The op and the labels of a line; texts and strings lie in scratch or in the line. -SR_EPROTO for what is no such
 * line. */
int sr_history_parse(struct sr_text line, struct sr_buf *scratch, struct sr_history_op *op,
		     struct sr_history_labels *labels, struct sr_error *err);

/* The histories of a file, one for each scenario, phase, arm and project, sealed. They and the list are the caller's
 * to free, also after an error. */
int sr_history_read(struct sr_zfile *file, struct sr_history_budget *budget, struct sr_history ***parts, int *count,
		    struct sr_error *err);

#endif
