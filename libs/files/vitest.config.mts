import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('files', import.meta.dirname);
