import { RandomState } from '@pggan/random';
import { describe, expect, it } from 'vitest';
import { PowerSpectrum } from '../../src/quality/fourier.js';

/** Squared magnitude at (u, v), by the definition. */
function naive(rows: Float64Array, size: number, u: number, v: number): number {
  let [re, im] = [0, 0];
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const phase = (-2 * Math.PI * (u * x + v * y)) / size;
      re += rows[y * size + x]! * Math.cos(phase);
      im += rows[y * size + x]! * Math.sin(phase);
    }
  }
  return re * re + im * im;
}

describe('power spectrum', () => {
  it.each([4, 8, 16, 32])('is that of the definition, %i x %i', (size) => {
    const rows = Float64Array.from(new RandomState(size).normals(size * size));
    const power = new PowerSpectrum(size).of(rows);
    expect(power.length).toBe((size / 2 + 1) * size);
    for (let u = 0; u <= size / 2; u++)
      for (let v = 0; v < size; v++) expect(power[u * size + v]).toBeCloseTo(naive(rows, size, u, v), 8);
  });

  it('finds a wave where it is: 5 across, 3 down', () => {
    const size = 64;
    const rows = Float64Array.from({ length: size * size }, (_, i) =>
      Math.cos((2 * Math.PI * (5 * (i % size) + 3 * Math.floor(i / size))) / size),
    );
    const power = new PowerSpectrum(size).of(rows);
    expect(power[5 * size + 3]).toBeCloseTo((size * size) ** 2 / 4, 3);
    expect(power.reduce((sum, value) => sum + value, 0)).toBeCloseTo((size * size) ** 2 / 4, 3);
  });

  it('gives the same for the same, one call after another', () => {
    const spectrum = new PowerSpectrum(32);
    const rows = Float64Array.from(new RandomState(1).normals(1024));
    const first = spectrum.of(rows).slice();
    spectrum.of(new Float64Array(1024).fill(3));
    expect(spectrum.of(rows)).toEqual(first);
  });
});
