import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('metrics', import.meta.dirname);
