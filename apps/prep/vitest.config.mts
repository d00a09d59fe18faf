import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('prep', import.meta.dirname, { isolate: false });
