// What the page and the test wallet are made of: one document, one stylesheet, and scripts bundled at the start.
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { build, stop } from 'esbuild'

export interface PageFiles {
  readonly html: string
  readonly style: string
  readonly script: string
  /** Put into every page of Necto that the proxy hands on. */
  readonly walletScript: string
}

/** Reads and bundles everything. */
export async function loadPageFiles(): Promise<PageFiles> {
  const here = (name: string) => path.join(import.meta.dirname, name)
  const names = ['page', 'testWallet']
  const [html, style, { outputFiles }] = await Promise.all([
    readFile(here('page.html'), 'utf8'),
    readFile(here('page.css'), 'utf8'),
    build({
      entryPoints: names.map((name) => here(`browser/${name}.ts`)),
      outdir: here('browser'),
      write: false,
      bundle: true,
      // The wallet's script is no module: it must run before the page's own.
      format: 'iife',
      platform: 'browser',
      target: 'es2023',
      charset: 'utf8',
      logLevel: 'silent',
    }),
  ])
  // Its helper process would stay for as long as ours.
  await stop()
  const [script = '', walletScript = ''] = names.map(
    (name) => outputFiles.find((file) => path.basename(file.path) === `${name}.js`)?.text,
  )
  return { html, style, script, walletScript }
}
