"use strict";

const { jestConfig } = require("@salesforce/sfdx-lwc-jest/config");

module.exports = {
    ...jestConfig,
    moduleNameMapper: { "^c/deskhandStyle$": "<rootDir>/force-app/main/default/lwc/deskhandStyle/deskhandStyle.css" },
    modulePathIgnorePatterns: ["<rootDir>/node_modules/"],
    testTimeout: 30_000,
    setupFilesAfterEnv: [...jestConfig.setupFilesAfterEnv, "<rootDir>/jest.setup.js"]
};
