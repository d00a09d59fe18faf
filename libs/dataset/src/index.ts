export { DatasetError, type DatasetErrorCode } from './errors.js';
