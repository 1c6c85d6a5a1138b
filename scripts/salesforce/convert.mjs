// Source format to metadata format, by the vendor's own library.
// Arguments: the tools' folder, the project, the package directory to read, where to write.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [tools, project, directory, out] = process.argv.slice(2);
const require = createRequire(join(tools, "node_modules", "of-the-tools.js"));
const { ComponentSet, MetadataConverter } = require("@salesforce/source-deploy-retrieve");

const found = ComponentSet.fromSource(join(project, directory));
found.sourceApiVersion = JSON.parse(readFileSync(join(project, "sfdx-project.json"), "utf8")).sourceApiVersion;
await new MetadataConverter().convert(found, "metadata",
  { type: "directory", outputDirectory: out, genUniqueDir: false });
