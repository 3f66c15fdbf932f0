// The verify page as one file: script and style inside, so that it works from any host and from a disk.
import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import { readStyle } from './assets.ts'
import { bundleScripts } from './bundleScripts.ts'
import { type VerifyDefaults, verifyFormHtml, verifyOutputHtml } from './verifyForm.ts'

/** The file's text. It loads nothing by itself; what it reads, it reads from where its form says. */
export async function verifierFile(defaults: VerifyDefaults): Promise<string> {
  const [style, scripts] = await Promise.all([readStyle(), bundleScripts(['verify'], 'iife')])
  const script = scripts.get('verify') ?? ''
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'connect-src https: http:',
    "form-action 'none'",
    "base-uri 'none'",
  ].join('; ')
  return String(
    await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Verify a decision · Necto</title>
<style>${raw(style)}</style>
</head>
<body>
<header><p class="brand">Necto</p></header>
<main>
<h1>Verify a decision</h1>
<p>This page recomputes a decision where you opened it: the record’s root and hash, its canonical form, the decision itself, and the escrow’s terms against what was selected. It is one file and needs no server; with a bundle it needs no network.</p>
<noscript><p class="message bad">It computes with the script inside it, so scripts must be allowed. <code>./necto verify</code> does the same in a terminal.</p></noscript>
${verifyFormHtml(defaults, 'file')}
<section aria-label="Result">
${verifyOutputHtml('Nothing was checked yet.')}
</section>
<div id="decision"></div>
</main>
<script>${raw(script)}</script>
</body>
</html>
`,
  )
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
