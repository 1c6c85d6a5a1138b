"use strict";

const lwc = require("@salesforce/eslint-config-lwc/recommended");
const jest = require("eslint-plugin-jest");

module.exports = [
    { ignores: ["node_modules/**"] },
    { linterOptions: { reportUnusedDisableDirectives: "error" } },
    ...lwc.map((config) => ({ ...config, files: ["**/lwc/**/*.js"] })),
    { ...jest.configs["flat/recommended"], files: ["**/lwc/**/__tests__/**/*.js"] },
    {
        files: ["**/lwc/**/*.js"],
        rules: { eqeqeq: "error", "no-console": "error", "no-var": "error", "prefer-const": "error" }
    },
    {
        files: ["**/lwc/**/*.js"],
        rules: {
            "no-restricted-globals": [
                "error",
                ...["localStorage", "sessionStorage", "indexedDB", "fetch", "XMLHttpRequest", "WebSocket"].map(
                    (name) => ({
                        name,
                        message: "The component keeps nothing in the browser and asks only Apex."
                    })
                )
            ]
        }
    }
];
