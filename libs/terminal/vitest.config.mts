import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('terminal', import.meta.dirname);
