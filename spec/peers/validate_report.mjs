// Validates reports against a JSON Schema of draft 2020-12: node validate_report.mjs SCHEMA REPORT...
// One line of JSON for each report: the list of what is wrong, empty when it is valid.
import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";

const [schema, ...reports] = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, "utf8")));
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(schema);
for (const report of reports) {
  validate(report);
  console.log(JSON.stringify((validate.errors ?? []).map((error) => `${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`)));
}
