import { getSystemErrorMap } from 'node:util';

/**
 * Why the operating system refused something, in its own plain words, without codes and names of files ("permission
 * denied"); of other errors their message.
 */
export function systemReason(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message;
}
