import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('dataset', import.meta.dirname, { isolate: false });
