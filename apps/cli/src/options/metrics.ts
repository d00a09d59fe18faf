import { MetricsError, parseMetric, type MetricRequest } from '@pggan/metrics';
import { z } from 'zod';

/** `swd16k,msssim20k`; with `none`, that word stands for no metrics. */
export function metricsOption({ none = false } = {}) {
  return z.string().transform((text, context): MetricRequest[] => {
    if (none && text === 'none') return [];
    try {
      return text.split(',').map((name) => parseMetric(name.trim().toLowerCase()));
    } catch (error) {
      if (!(error instanceof MetricsError)) throw error;
      context.addIssue({ code: 'custom', message: error.message.replace(/^metrics: /, '') });
      return z.NEVER;
    }
  });
}
