/** A page in one file that needs no network and no server: its policy lets nothing run or load but what is in it. */
import { createHash } from 'node:crypto';
import { escapeHtml } from './html-text.js';

export interface HtmlPage {
  readonly title: string;
  readonly style: string;
  readonly script?: string; // none: nothing at all runs
  readonly body: readonly string[]; // markup, in parts that need not be joined
}

const hashSource = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The whole file. Pictures are `data:` addresses. */
export function htmlPage({ title, style, script, body }: HtmlPage): string {
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `style-src ${hashSource(style)}`,
    ...(script === undefined ? [] : [`script-src ${hashSource(script)}`]),
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return [
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
`,
    ...body,
    script === undefined ? '' : `\n<script>${script}</script>`,
    '\n</body>\n</html>\n',
  ].join('');
}
