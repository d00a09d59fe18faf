import { MetricsError, parseMetric, type MetricRequest } from '@pggan/metrics';
import { z } from 'zod';

/** `swd16k,msssim20k`. */
export function metricsOption() {
  return z.string().transform((text, context): MetricRequest[] => {
    try {
      return text.split(',').map((name) => parseMetric(name.trim().toLowerCase()));
    } catch (error) {
      if (!(error instanceof MetricsError)) throw error;
      context.addIssue({ code: 'custom', message: error.message.replace(/^metrics: /, '') });
      return z.NEVER;
    }
  });
}
