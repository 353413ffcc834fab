/* The handlers of the route table. Each answers its request completely, on the request's thread. */
#ifndef TARGET_HANDLERS_H
#define TARGET_HANDLERS_H

struct sr_request;

void sr_tasks_next(struct sr_request *req);                  /* tasks.c */
void sr_tasks_list(struct sr_request *req);                  /* tasks.c */
void sr_tasks_set_status(struct sr_request *req);            /* task_status.c */
void sr_batch_add(struct sr_request *req);                   /* batch.c */
void sr_ids_next(struct sr_request *req);                    /* ids.c */
void sr_reservations_reserve(struct sr_request *req);        /* reservations.c */
void sr_reservations_confirm(struct sr_request *req);        /* reservations.c */
void sr_reservations_delete_expired(struct sr_request *req); /* reservations.c */
void sr_status_health(struct sr_request *req);               /* status.c */
void sr_status_metrics(struct sr_request *req);              /* status.c */

#endif
