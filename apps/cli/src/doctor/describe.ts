import type { EngineInfo, MachineReport, SpeedReport } from '@pggan/engine';
import { formatBytes, formatTable } from '@pggan/terminal';

/** Everything `pggan doctor` finds out; this is what `--json` prints. */
export interface Diagnosis {
  readonly pggan: string;
  readonly engine: EngineInfo;
  readonly machine: MachineReport;
  readonly speed: SpeedReport;
}

/** The diagnosis for a person: one line for the engine, then a table. */
export function describeDiagnosis({ pggan, engine, machine, speed }: Diagnosis): string {
  const { cpu, cache } = machine;
  const kept = cache.installations.map(
    ({ tensorflow, variant, bytes }) => `TensorFlow ${tensorflow} ${variant} (${formatBytes(bytes)})`,
  );
  const rows = [
    [
      'versions',
      `pggan ${pggan}, Node ${machine.node}, ${machine.platform}` +
        (engine.tensorflowVersion ? `, TensorFlow ${engine.tensorflowVersion}` : ''),
    ],
    ['backends', machine.backends.join(', ')],
    ['threads', `${engine.threads} of ${cpu.threads}`],
    ['processor', cpu.model],
    ['features', cpu.features.join(' ') || 'unknown'],
    ['memory', formatBytes(machine.memory)],
    ['GPU', machine.gpus.join('; ') || 'none found'],
    ['pip', machine.pip ?? 'none: TensorFlow cannot be fetched'],
    ['compiler', machine.compiler ?? 'none: the binding to TensorFlow cannot be compiled'],
    ['libtensorflow', machine.libtensorflow ?? 'PGGAN_LIBTENSORFLOW is not set'],
    [
      'cache',
      `${cache.folder}: ${formatBytes(cache.bytes)}` + (kept.length > 0 ? `, ${kept.join(', ')}` : ''),
    ],
    ['speed', describeSpeed(speed)],
  ];
  return `${engine.reason}\n${formatTable(rows)}\n`;
}

function describeSpeed(speed: SpeedReport): string {
  const rate = (value: number | undefined) =>
    value === undefined ? 'none' : value.toFixed(value < 10 ? 1 : 0);
  return (
    `3x3 convolution ${rate(speed.forward)}, its input gradient ${rate(speed.inputGradient)}, ` +
    `its filter gradient ${rate(speed.filterGradient)}, matrix product ${rate(speed.matmul)} GFLOP/s`
  );
}
