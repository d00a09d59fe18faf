import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('model', import.meta.dirname, { isolate: false });
