/* Diagnostics on stderr, one line each, whole lines even from many threads. Results do not go here. */
#ifndef SCALERUN_BASE_LOG_H
#define SCALERUN_BASE_LOG_H

enum sr_log_level { SR_LOG_ERROR, SR_LOG_WARN, SR_LOG_INFO, SR_LOG_DEBUG };

/* Messages above this level are dropped. SR_LOG_WARN until set. */
void sr_log_set_level(enum sr_log_level level);
enum sr_log_level sr_log_level(void);

void sr_log(enum sr_log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
