/* The seed text of the shipped documents. */
#ifndef TARGET_MCP_DOCUMENT_TEXT_H
#define TARGET_MCP_DOCUMENT_TEXT_H

struct sr_words {
	int count;
	const char *const *items;
};

extern const struct sr_words sr_document_sentences; /* with %a, %v, %o and %w in them */
extern const struct sr_words sr_document_actors;
extern const struct sr_words sr_document_verbs;
extern const struct sr_words sr_document_objects;
extern const struct sr_words sr_document_conditions;
extern const struct sr_words sr_document_headings;
extern const struct sr_words sr_document_code; /* whole blocks */
extern const char sr_document_note[];

#endif
