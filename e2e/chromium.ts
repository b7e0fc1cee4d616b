/** How tests and benches start Chromium: the same as the command line does. */
export { launchOptions } from '../src/headless/chromium.mjs';
