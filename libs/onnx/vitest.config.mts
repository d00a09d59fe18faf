import { projectConfig } from '../../tools/test/vitest.mjs';

export default projectConfig('onnx', import.meta.dirname);
