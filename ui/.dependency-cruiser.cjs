/** Which part of the window may know which. The tools of the house, not a convention. */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "only-bridge-imports-tauri",
      comment: "One place talks to the backend; everything else can run without it.",
      severity: "error",
      from: { pathNot: "^src/bridge/" },
      to: { path: "@tauri-apps" },
    },
    {
      name: "kit-knows-no-feature",
      severity: "error",
      from: { path: "^src/kit/" },
      to: { path: "^src/(features|shell|bridge)/" },
    },
    {
      name: "features-know-no-shell",
      severity: "error",
      from: { path: "^src/(features|bridge|text|kit)/" },
      to: { path: "^src/shell/" },
    },
    {
      name: "features-through-their-front-door",
      comment: "A feature imports another one only through its index.ts.",
      severity: "error",
      from: { path: "^src/features/([^/]+)/" },
      to: { path: "^src/features/([^/]+)/", pathNot: ["^src/features/$1/", "^src/features/[^/]+/index\\.ts$"] },
    },
    {
      name: "shell-through-the-front-door",
      severity: "error",
      from: { path: "^src/(shell/|main)" },
      to: { path: "^src/features/", pathNot: "^src/features/[^/]+/index\\.ts$" },
    },
    {
      name: "the-fake-stays-in-tests",
      comment: "The product must not contain the in-memory backend.",
      severity: "error",
      from: { pathNot: "(\\.test\\.tsx?$|^src/test/|^src/bridge/fake/)" },
      to: { path: "^src/bridge/fake/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Needs the compiler API that TypeScript 7 no longer has, hence TypeScript 6.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};
