/* Artifact types and the form of their ids. No I/O, any thread. */
#ifndef TARGET_ARTIFACT_H
#define TARGET_ARTIFACT_H

#include <stddef.h>
#include <stdint.h>

#define SR_ARTIFACT_TYPES   "US, SPEC, TASK, EPIC, PRD, HLS, VIS, INIT, SPIKE, ADR"
#define SR_ARTIFACT_ID_SIZE 32

/* The type's own static name, or NULL when text is none (case matters). */
const char *sr_artifact_type(const char *text);

/* "US-001": at least three digits, never cut. number >= 0. */
void sr_artifact_id(char out[SR_ARTIFACT_ID_SIZE], const char *type, int64_t number);

#endif
