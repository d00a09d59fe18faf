import { Command } from '@commander-js/extra-typings';
import { buildDatasetCommand } from './build-dataset.js';

export function createProgram() {
  return new Command('prep')
    .description('Builds image datasets for Progressive GANs.')
    .configureHelp({ helpWidth: 110 })
    .exitOverride()
    .showHelpAfterError('(--help lists the options)')
    .addCommand(
      buildDatasetCommand()
        .exitOverride()
        .configureHelp({ helpWidth: 110 })
        .showHelpAfterError('(--help lists the options)'),
    );
}
