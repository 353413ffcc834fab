/* What an artifact of each type consists of: its template, and the headings it must have. No I/O. */
#ifndef TARGET_MCP_RULES_H
#define TARGET_MCP_RULES_H

#define SR_RULES_HEADINGS 4

struct sr_rules {
	const char *type;     /* "EPIC" */
	const char *template; /* "epic" */
	const char *headings[SR_RULES_HEADINGS];
};

/* The rules of an artifact type, or of a template's name; NULL when there are none. */
const struct sr_rules *sr_rules_of_type(const char *type);
const struct sr_rules *sr_rules_of_template(const char *name);

#endif
