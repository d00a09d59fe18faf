/**
 * The one tfjs-core every backend of this process registers with. The union package is imported
 * for what it does, not for what it exports: it attaches the gradients and the chained methods
 * (`x.add(y)`), which tfjs-core alone leaves out, to that same core.
 */
import '@tensorflow/tfjs';
import { env } from '@tensorflow/tfjs-core';

export * from '@tensorflow/tfjs-core';

// In this version the flag does one thing: no console advertisements and performance hints.
env().set('PROD', true);
