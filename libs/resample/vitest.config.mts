import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('resample', import.meta.dirname);
