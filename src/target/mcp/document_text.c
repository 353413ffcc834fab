#include "mcp/document_text.h"

#define WORDS(name, ...)                                                                                               \
	static const char *const name##_items[] = {__VA_ARGS__};                                                       \
	const struct sr_words name = {sizeof(name##_items) / sizeof(name##_items[0]), name##_items}

const char sr_document_note[] = "Where it contradicts an accepted decision record, the record stands.";

/* clang-format off */
WORDS(sr_document_sentences,
      "%a %v %o %w.",
      "Before work begins, %a %v %o.",
      "%a never %v %o %w.",
      "If %o is missing, %a %v the one above it and says so.",
      "Write down who %v %o, and what happens %w.",
      "A reviewer can tell from %o alone whether %a %v it %w.",
      "Keep %o next to what it describes; %a finds it there %w.",
      "When two of them disagree, %a %v %o %w.",
      "The measure for %o is the one that %a %v %w.",
      "Every change to %o names its reason, so that %a can follow it %w.");

WORDS(sr_document_actors,
      "the team", "the product owner", "the author", "the reviewer", "the service", "the client", "the operator",
      "the caller", "the maintainer", "the release manager", "the worker", "the project");

WORDS(sr_document_verbs,
      "checks", "writes", "confirms", "keeps", "publishes", "measures", "records", "rejects", "splits", "traces",
      "reviews", "approves", "tests", "names");

WORDS(sr_document_objects,
      "the acceptance criteria", "the interface contract", "the error budget", "the open question", "the artifact",
      "the dependency list", "the task queue", "the identifier range", "the cache entry", "the test plan",
      "the decision record", "the data model", "the rollout plan", "the latency target", "the security boundary",
      "the traceability matrix");

WORDS(sr_document_conditions,
      "before the next phase begins", "as soon as the last check has passed", "without waiting for the other projects",
      "under the load that production sees", "in the same change", "when the deadline moves",
      "with the evidence attached", "for every project alike", "within one working day", "on each replica",
      "after a restart", "as long as the contract holds", "when the first user asks");

WORDS(sr_document_headings,
      "Purpose", "Principles", "Roles", "Inputs", "Outputs", "Workflow", "Quality Gates", "Naming", "Traceability",
      "Risks", "Assumptions", "Constraints", "Non-Functional Requirements", "Data", "Failure Modes", "Rollout",
      "Monitoring", "Review Checklist", "Examples", "Anti-Patterns", "Open Questions", "Glossary", "References");

WORDS(sr_document_code,
      "```yaml\n"
      "artifact:\n"
      "  id: EPIC-001\n"
      "  parent: INIT-001\n"
      "  status: draft\n"
      "  owner: product\n"
      "  reviewers: [architecture, security]\n"
      "```\n\n",
      "```json\n"
      "{\"task_id\": \"TASK-001\", \"generator_name\": \"epic\", \"status\": \"pending\",\n"
      " \"inputs\": [\"PRD-001\"], \"expected_outputs\": [\"EPIC-001\"]}\n"
      "```\n\n",
      "```gherkin\n"
      "Given two projects that reserve identifiers at the same time\n"
      "When each of them asks for ten\n"
      "Then twenty different identifiers have been handed out\n"
      "And none of them is skipped\n"
      "```\n\n",
      "```http\n"
      "POST /ids/reserve HTTP/1.1\n"
      "Content-Type: application/json\n"
      "\n"
      "{\"type\": \"US\", \"count\": 3, \"project_id\": \"alpha\"}\n"
      "```\n\n",
      "```sql\n"
      "SELECT task_id, status FROM tasks\n"
      " WHERE project_id = $1 AND status = 'pending'\n"
      " ORDER BY created_at LIMIT 1;\n"
      "```\n\n");
/* clang-format on */
