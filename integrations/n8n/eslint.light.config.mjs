// The rules that `n8n-node lint` applies (eslint.config.mjs), from the two plugins that have them: @n8n/node-cli itself
// installs 700 MB. Its checks of import paths are left out, since tsc makes them. `make n8n` runs n8n's own command.
import js from "@eslint/js";
import { n8nCommunityNodesPlugin } from "@n8n/eslint-plugin-community-nodes";
import { globalIgnores } from "eslint/config";
import n8nNodesBase from "eslint-plugin-n8n-nodes-base";
import ts from "typescript-eslint";

const { recommended } = n8nCommunityNodesPlugin.configs;

export default ts.config(
  globalIgnores(["dist", "test", "*.mjs"]),
  {
    files: ["**/*.ts"],
    extends: [js.configs.recommended, ts.configs.recommended, recommended],
    rules: { "prefer-spread": "off", "no-console": "error" },
  },
  { plugins: { "n8n-nodes-base": n8nNodesBase } },
  {
    files: ["package.json"],
    extends: [recommended],
    rules: { ...n8nNodesBase.configs.community.rules },
    languageOptions: { parser: ts.parser, parserOptions: { extraFileExtensions: [".json"] } },
  },
  {
    files: ["./credentials/**/*.ts"],
    rules: {
      ...n8nNodesBase.configs.credentials.rules,
      "n8n-nodes-base/cred-class-field-documentation-url-miscased": "off",
      "n8n-nodes-base/cred-class-field-type-options-password-missing": "off",
    },
  },
  {
    files: ["./nodes/**/*.ts"],
    rules: {
      ...n8nNodesBase.configs.nodes.rules,
      "n8n-nodes-base/node-class-description-inputs-wrong-regular-node": "off",
      "n8n-nodes-base/node-class-description-outputs-wrong": "off",
      "n8n-nodes-base/node-param-type-options-max-value-present": "off",
    },
  },
);
