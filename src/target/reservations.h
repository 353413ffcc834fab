/* Reservations of ids that have to be confirmed before they expire. */
#ifndef TARGET_RESERVATIONS_H
#define TARGET_RESERVATIONS_H

#include "db.h"

/* Deletes the unconfirmed expired reservations of a project, or of all with NULL. */
int sr_reservations_sweep(struct sr_db *db, const char *project, int64_t *deleted, struct sr_error *err);

#endif
