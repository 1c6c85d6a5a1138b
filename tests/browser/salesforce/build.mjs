// The component as one script for a page of our own.
// Arguments: the tools' folder, the package's sources, the file of its words, their language, where to write.

import { mkdtempSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [tools, sources, words, language, out] = process.argv.slice(2);
const require = createRequire(join(tools, "node_modules", "of-the-tools.js"));
const { rollup } = require("rollup");
const lwc = require("@lwc/rollup-plugin");

const LABEL = { en: /<fullName>(?<name>\w+)<[^]*?<value>(?<text>[^]*?)<\/value>/g,
  de: /<label>(?<text>[^<]*)<\/label>\s*<name>(?<name>\w+)</g }[language];
const labels = new Map([...readFileSync(words, "utf8").matchAll(LABEL)]
  .map(({ groups }) => [groups.name, plain(groups.text)]));
const ENGINE = join(tools, "node_modules/@lwc/engine-dom/dist/index.js");
const I18N = { lang: language, locale: { en: "en-US", de: "de-DE" }[language], timeZone: "UTC" };

function plain(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}

/** What the platform puts behind these names. */
function platform(name) {
  const [, kind, rest] = /^@salesforce\/(\w+)\/(.+)$/.exec(name) ?? [];
  if (kind === "label") return `export default ${JSON.stringify(labels.get(rest.slice(2)))};`;
  if (kind === "i18n") return `export default ${JSON.stringify(I18N[rest])};`;
  if (kind === "apex") return `export default (said) => globalThis.apex(${JSON.stringify(rest)}, said);`;
  return `const Navigate = Symbol();
    export const NavigationMixin = (Base) => class extends Base { [Navigate](page) { globalThis.navigated(page); } };
    NavigationMixin.Navigate = Navigate;`;
}

const stage = mkdtempSync(join(tools, "build-"));
try {
  cpSync(join(sources, "lwc"), join(stage, "c"), { recursive: true, filter: (path) => !path.includes("__tests__") });
  const entry = join(stage, "entry.js");
  writeFileSync(entry, `import { createElement } from "lwc";
    import Panel from "c/deskhandPanel";
    globalThis.panel = (recordId) => Object.assign(createElement("c-deskhand-panel", { is: Panel }), { recordId });`);
  const made = await rollup({
    input: entry,
    onwarn: (told) => { throw new Error(told.message); },
    plugins: [
      {
        name: "platform",
        resolveId: (name) => (name === "lwc" ? ENGINE : name.startsWith("@salesforce/") || name === "lightning/navigation" ? `\0${name}` : null),
        load: (id) => (id.startsWith("\0@salesforce/") || id === "\0lightning/navigation" ? platform(id.slice(1)) : null),
      },
      lwc({ rootDir: stage, modules: [{ dir: stage }], exclude: [/^\0/, /node_modules/] }),
    ],
  });
  await made.write({ file: out, format: "iife", banner: 'globalThis.process = { env: { NODE_ENV: "production" } };' });
} finally {
  rmSync(stage, { recursive: true, force: true });
}
