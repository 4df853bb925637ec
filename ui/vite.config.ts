/**
 * One configuration for three builds: the product (Tauri backend), `--mode fake` (in-memory backend, for screens and their
 * tests) and vitest. The backend is chosen by the import condition `fake` of `#backend`, so the product never contains the
 * in-memory one.
 */
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig(({ mode }) => {
  const fake = mode === "fake" || mode === "test";
  return {
    plugins: [react()],
    // Relative addresses work under tauri://, http://tauri.localhost and any folder of a test server.
    base: "./",
    clearScreen: false,
    server: { port: 5173, strictPort: true },
    resolve: fake ? { conditions: ["fake", "module", "browser", "development|production"] } : {},
    build: {
      outDir: mode === "fake" ? "dist-fake" : "dist",
      emptyOutDir: true,
      target: ["es2023", "safari17", "chrome115"],
      // The content security policy allows neither data: fonts nor inline scripts.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
    test: {
      environment: "jsdom",
      include: ["src/**/*.test.{ts,tsx}"],
      setupFiles: ["src/test/setup.ts"],
      css: false,
      // The default leaves a core idle, which is half of them on a small machine.
      maxWorkers: "100%",
      testTimeout: 30_000,
      // A test that passes only at its second try is printed as such, and is to be mended.
      retry: 1,
    },
  };
});
