// The loading tests of tests/e2e, in WebKitGTK.
process.env.E2E_BROWSERS = "webkit";
await import("../e2e/loading.test.mjs");
