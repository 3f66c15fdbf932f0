// The stylesheet and the browser's scripts: made once, small on the wire, served under a name that changes with them.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { Hono } from 'hono'
import { bundleScripts, type ScriptName } from './bundleScripts.ts'

export interface Assets {
  /** The folder in addresses: "/assets/3f9a…". */
  readonly path: string
  readonly app: Hono
}

const SCRIPTS: readonly ScriptName[] = ['deposit', 'job', 'link', 'pay', 'verify']

interface Asset {
  readonly text: string
  readonly type: string
}

let made: Promise<ReadonlyMap<string, Asset>> | undefined

/** bots/web/style.css and bots/web/browser, the same for every app of this process. */
export async function loadAssets(): Promise<Assets> {
  made ??= makeFiles()
  const files = await made
  const digest = createHash('sha256')
  for (const [name, { text }] of files) digest.update(`${name}\n${text}\n`)
  const path = `/assets/${digest.digest('hex').slice(0, 16)}`
  const app = new Hono()
  for (const [name, { text, type }] of files) {
    const zipped = await promisify(gzip)(text)
    app.get(`${path}/${name}`, (c) => {
      const takesGzip = /\bgzip\b/.test(c.req.header('Accept-Encoding') ?? '')
      return c.body(takesGzip ? new Uint8Array(zipped) : text, 200, {
        'Content-Type': `${type}; charset=utf-8`,
        'Cache-Control': 'public, max-age=31536000, immutable',
        Vary: 'Accept-Encoding',
        ...(takesGzip && { 'Content-Encoding': 'gzip' }),
      })
    })
  }
  return { path, app }
}

/** The stylesheet of all pages. */
export const readStyle = (): Promise<string> => readFile(new URL('style.css', import.meta.url), 'utf8')

async function makeFiles(): Promise<ReadonlyMap<string, Asset>> {
  const [style, scripts] = await Promise.all([readStyle(), bundleScripts(SCRIPTS, 'esm')])
  return new Map([
    ['style.css', { text: style, type: 'text/css' }],
    ...[...scripts].map(([name, text]) => [`${name}.js`, { text, type: 'text/javascript' }] as const),
  ])
}
