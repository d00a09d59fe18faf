import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('random', import.meta.dirname);
