"use strict";

// The component's words in its tests are the ones that are shipped.

const { readFileSync } = require("fs");
const { join } = require("path");
const { setup } = require("@sa11y/jest");

const labels = readFileSync(join(__dirname, "force-app/main/default/labels/CustomLabels.labels-meta.xml"), "utf8");
const plain = (text) =>
    text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");

for (const [, name, value] of labels.matchAll(/<fullName>(\w+)<\/fullName>[^]*?<value>([^]*?)<\/value>/g))
    jest.doMock(`@salesforce/label/c.${name}`, () => ({ __esModule: true, default: plain(value) }), { virtual: true });

setup();
