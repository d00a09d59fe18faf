import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('cli', import.meta.dirname);
