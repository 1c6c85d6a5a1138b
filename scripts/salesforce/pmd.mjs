// PMD with the rules of the AppExchange security review. Arguments: the tools' folder, the folder to read.
// Prints one JSON object: {rules, violations: [{rule, file, line, words}], errors}.

import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [tools, folder] = process.argv.slice(2);
const require = createRequire(join(tools, "node_modules", "of-the-tools.js"));
const { PmdEngine } = require("@salesforce/code-analyzer-pmd-engine");
const { DEFAULT_PMD_ENGINE_CONFIG } = require("@salesforce/code-analyzer-pmd-engine/dist/config.js");
const { EventType, LogLevel, Workspace } = require("@salesforce/code-analyzer-engine-api");

const has = (rule, ...tags) => tags.every((tag) => rule.tags.includes(tag));
const place = mkdtempSync(join(tmpdir(), "pmd-"));
try {
  const engine = new PmdEngine({ ...DEFAULT_PMD_ENGINE_CONFIG, java_command: "java" });
  const errors = [];
  engine.onEvent(EventType.LogEvent, (told) => { if (told.logLevel === LogLevel.Error) errors.push(told.message); });
  const options = { workspace: new Workspace("package", [folder]), workingFolder: place, logFolder: place };
  const rules = (await engine.describeRules(options))
    .filter((rule) => has(rule, "AppExchange") || has(rule, "Recommended", "Security")).map((rule) => rule.name);
  const { violations } = await engine.runRules(rules, options);
  console.log(JSON.stringify({ rules: rules.length, errors, violations: violations.map((one) => {
    const at = one.codeLocations[one.primaryLocationIndex];
    return { rule: one.ruleName, file: at.file, line: at.startLine, words: one.message };
  }) }));
} finally {
  rmSync(place, { recursive: true, force: true });
}
