/* The faults slow_under_load and slow_tail. Nothing while they are off. */
#ifndef TARGET_SLOW_H
#define TARGET_SLOW_H

struct sr_request;

/* The answer is ready: pauses before it goes out. */
void sr_slow_request(const struct sr_request *req);

#endif
