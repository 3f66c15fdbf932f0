// The stylesheet and the browser's scripts: read once, types taken off, served under a name that changes with them.
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { Hono } from 'hono'

export interface Assets {
  /** The folder in addresses: "/assets/3f9a…". */
  readonly path: string
  readonly app: Hono
}

/** Loads bots/web/style.css and bots/web/browser. */
export async function loadAssets(): Promise<Assets> {
  const folder = new URL('browser/', import.meta.url)
  const names = (await readdir(folder)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts')).sort()
  const files = new Map([
    ['style.css', { text: await readFile(new URL('style.css', import.meta.url), 'utf8'), type: 'text/css' }],
  ])
  for (const name of names) {
    files.set(name, { text: toScript(await readFile(new URL(name, folder), 'utf8')), type: 'text/javascript' })
  }
  const digest = createHash('sha256')
  for (const [name, { text }] of files) digest.update(`${name}\n${text}\n`)
  const path = `/assets/${digest.digest('hex').slice(0, 16)}`
  const app = new Hono()
  for (const [name, { text, type }] of files) {
    app.get(`${path}/${name}`, (c) =>
      c.body(text, 200, {
        'Content-Type': `${type}; charset=utf-8`,
        'Cache-Control': 'public, max-age=31536000, immutable',
      }),
    )
  }
  return { path, app }
}

/** Node's own way of running TypeScript; its notice that this is young would land in the operator's terminal. */
function toScript(text: string): string {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(text)
  } finally {
    process.emitWarning = emitWarning
  }
}
