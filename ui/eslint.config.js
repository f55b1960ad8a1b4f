import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

/** Folders may import downwards only: app → features → components → hooks → api → i18n → lib. */
const forbid = (...folders) => ({
  "no-restricted-imports": [
    "error",
    { patterns: [{ group: folders.map((f) => `@/${f}/**`), message: "This folder is above the importing one." }] },
  ],
});

export default tseslint.config(
  { ignores: ["dist", "src/api/schema.d.ts", "node_modules"] },
  {
    files: ["**/*.{js,mjs}"],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: {
        process: "readonly", console: "readonly", localStorage: "readonly", document: "readonly",
        matchMedia: "readonly", URL: "readonly",
      },
    },
  },
  {
    files: ["src/**/*.{ts,tsx}", "vite.config.ts"],
    extends: [js.configs.recommended, ...tseslint.configs.strictTypeChecked],
    plugins: { "react-hooks": reactHooks },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // Event handlers may be async; their failures are shown by the mutation that runs in them.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "react-hooks/incompatible-library": "off",
    },
  },
  { files: ["src/lib/**"], rules: forbid("app", "features", "components", "hooks", "api", "i18n") },
  { files: ["src/i18n/**"], rules: forbid("app", "features", "components", "hooks", "api") },
  { files: ["src/api/**"], rules: forbid("app", "features", "components", "hooks") },
  { files: ["src/hooks/**"], rules: forbid("app", "features", "components") },
  { files: ["src/components/**"], rules: forbid("app", "features") },
  { files: ["src/features/**"], rules: forbid("app") },
  // The i18n dictionaries are lists of sentences, as long as they need to be.
  { files: ["src/i18n/{en,ko}.ts"], rules: { "max-lines": "off" } },
);
