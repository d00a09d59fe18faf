/** A headless Chromium, spoken to through its debugging pipe; for tests that look at a page. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

export const chromium =
  process.env['PGGAN_TEST_CHROMIUM'] ??
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
    existsSync(path),
  );

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

export interface BrowserPage {
  /** Value of an expression in the page; a promise is waited for. */
  evaluate<T>(expression: string): Promise<T>;
  press(key: string): Promise<void>;
  screenshot(): Promise<Buffer>;
  /** What the page complained about: exceptions and refusals by its policy. */
  readonly complaints: string[];
  /** Everything that was fetched, the page itself first; pictures that are in it are not. */
  readonly requests: string[];
}

export interface View {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
}

/** Opens `url` in a browser of its own, whose files go to `profile`, and closes it afterwards. */
export async function withPage<T>(
  url: string,
  profile: string,
  { width, height, dark = false }: View,
  look: (page: BrowserPage) => Promise<T>,
): Promise<T> {
  const child = spawn(
    chromium!,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--hide-scrollbars',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, (message: Message) => void>();
  const complaints: string[] = [];
  const requests: string[] = [];
  let announceLoaded: () => void;
  const loaded = new Promise<void>((resolve) => (announceLoaded = resolve));
  let gathered = '';
  const receive = (message: Message) => {
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    if (message.method === 'Page.loadEventFired') announceLoaded();
    if (message.method === 'Runtime.exceptionThrown' || message.method === 'Log.entryAdded')
      complaints.push(JSON.stringify(message.params));
    if (message.method === 'Network.requestWillBeSent') {
      const { url } = message.params!['request'] as { readonly url: string };
      if (!url.startsWith('data:')) requests.push(url);
    }
  };
  output.setEncoding('utf8').on('data', (text: string) => {
    const parts = (gathered + text).split('\0');
    gathered = parts.pop()!;
    for (const part of parts) receive(JSON.parse(part) as Message);
  });
  let last = 0;
  const call = async (method: string, params: object = {}, sessionId?: string) => {
    const id = ++last;
    const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { error, result } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result!;
  };
  try {
    const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
    const send = (method: string, params: object = {}) => call(method, params, sessionId as string);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
    await send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: width < 600,
    });
    const scheme = { name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' };
    await send('Emulation.setEmulatedMedia', { features: [scheme] });
    await send('Page.navigate', { url });
    await loaded;
    return await look({
      complaints,
      requests,
      async evaluate<V>(expression: string) {
        const { result, exceptionDetails } = await send('Runtime.evaluate', {
          expression,
          returnByValue: true,
          awaitPromise: true,
        });
        if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
        return (result as { value: V }).value;
      },
      async press(key) {
        const event = { key, code: key, ...(key === 'Escape' ? { windowsVirtualKeyCode: 27 } : {}) };
        await send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...event });
        await send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
      },
      async screenshot() {
        const { data } = await send('Page.captureScreenshot', { format: 'png' });
        return Buffer.from(data as string, 'base64');
      },
    });
  } finally {
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
  }
}
