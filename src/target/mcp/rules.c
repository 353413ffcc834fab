#include "mcp/rules.h"

#include <stddef.h>
#include <string.h>

static const struct sr_rules rules[] = {
    {"VIS", "vision", {"Summary", "Problem", "Target Users", "Success Measures"}},
    {"INIT", "initiative", {"Summary", "Outcome", "Scope", "Success Measures"}},
    {"EPIC", "epic", {"Summary", "Business Value", "Scope", "Acceptance Criteria"}},
    {"PRD", "prd", {"Summary", "Requirements", "Out of Scope", "Acceptance Criteria"}},
    {"HLS", "hls", {"Summary", "User Story", "Acceptance Criteria", "Dependencies"}},
    {"US", "story", {"Summary", "User Story", "Acceptance Criteria", "Definition of Done"}},
    {"SPIKE", "spike", {"Summary", "Question", "Timebox", "Findings"}},
    {"ADR", "adr", {"Summary", "Context", "Decision", "Consequences"}},
    {"SPEC", "spec", {"Summary", "Design", "Interfaces", "Test Plan"}},
    {"TASK", "task", {"Summary", "Steps", "Acceptance Criteria", "Definition of Done"}},
};

const struct sr_rules *sr_rules_of_type(const char *type)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strcmp(rules[i].type, type) == 0)
			return &rules[i];
	}
	return NULL;
}

const struct sr_rules *sr_rules_of_template(const char *name)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (strcmp(rules[i].template, name) == 0)
			return &rules[i];
	}
	return NULL;
}
