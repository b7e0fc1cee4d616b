/** A thread of the fuzzer: loads its TypeScript and serves until it is ended. */
import { withTypeScript } from '../headless/typescript.mjs';

await withTypeScript(async (load) => {
	const { serve } = await load('/src/fuzz/serve.ts');
	serve();
});
