/** What worker threads can be asked for, by name. */
import { discrepancy } from '../features/discrepancy-task.js';
import { frechet } from '../features/frechet-task.js';
import { neighbours } from '../features/neighbours-task.js';
import { describe } from '../swd/describe-task.js';
import { slices } from '../swd/slice-task.js';
import { similarities } from '../ssim/similarity-task.js';

export const tasks = { describe, slices, similarities, discrepancy, frechet, neighbours };

export type TaskName = keyof typeof tasks;
export type TaskInput<Name extends TaskName> = Parameters<(typeof tasks)[Name]>[0];
export type TaskResult<Name extends TaskName> = ReturnType<(typeof tasks)[Name]>;

export interface TaskRequest<Name extends TaskName = TaskName> {
  readonly name: Name;
  readonly input: TaskInput<Name>;
}

export type TaskReply =
  | { readonly result: unknown }
  | { readonly error: { readonly code: string | null; readonly message: string } };

export function perform<Name extends TaskName>(name: Name, input: TaskInput<Name>): TaskResult<Name> {
  const task = tasks[name] as (input: TaskInput<Name>) => TaskResult<Name>;
  return task(input);
}
