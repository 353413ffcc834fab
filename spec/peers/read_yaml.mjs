// Reads a YAML file and writes it as JSON; ends with 1 and the reason where it is none.
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";

const document = parseDocument(readFileSync(process.argv[2], "utf8"), { strict: true, uniqueKeys: true });
for (const problem of [...document.errors, ...document.warnings]) {
  console.error(problem.message);
  process.exitCode = 1;
}
console.log(JSON.stringify(document.toJS()));
