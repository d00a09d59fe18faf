import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('sample-faces', import.meta.dirname);
