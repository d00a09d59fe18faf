export { formatDuration } from './duration.js';
export { ExitCode, isExpectedError, printError } from './exit.js';
export { onInterrupt } from './interrupt.js';
export { createProgress, type Progress, type ProgressOptions } from './progress.js';
export { formatBytes, formatQuantity, formatRate } from './quantity.js';
export { formatTable } from './table.js';
