/* Condition variables whose deadlines are sr_now() times. */
#ifndef TARGET_COND_H
#define TARGET_COND_H

#include <pthread.h>
#include <stdint.h>

void sr_cond_init(pthread_cond_t *cond);

/* Waits for a signal or until the deadline; like every such wait it may also end early. */
void sr_cond_wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t deadline);

#endif
