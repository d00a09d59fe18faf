import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('engine', import.meta.dirname);
