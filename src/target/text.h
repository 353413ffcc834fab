/* Checks of texts that come from outside. No I/O, any thread. */
#ifndef TARGET_TEXT_H
#define TARGET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool sr_text_is_utf8(const char *text, size_t len);

#define SR_PROJECT_ID_RULE "^[a-z0-9][a-z0-9-]{0,99}$"
bool sr_text_is_project_id(const char *text);

#define SR_TASK_ID_RULE "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
bool sr_text_is_task_id(const char *text);

/* 8-4-4-4-12 hexadecimal digits. */
bool sr_text_is_uuid(const char *text);

/* A decimal number without sign or blanks in min..max, else false and *value untouched. */
bool sr_text_to_int(const char *text, int64_t min, int64_t max, int64_t *value);

#endif
