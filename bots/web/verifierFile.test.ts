// The verifier as one file: nothing in it points outside, its policy names exactly what is in it, and it stays small.
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { bundleScripts } from './bundleScripts.ts'
import { verifierFile } from './verifierFile.ts'

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
const inside = (html: string, tag: string) => [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))]

test('script and style are inside, one of each, and allowed by their hash alone', async () => {
  const html = await verifierFile({ name: '"><script>alert(1)</script>', chainId: 84_532 })
  const policy =
    /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1]?.replaceAll('&#39;', "'") ?? ''
  const [script, ...otherScripts] = inside(html, 'script')
  const [style, ...otherStyles] = inside(html, 'style')
  expect([otherScripts.length, otherStyles.length]).toEqual([0, 0])
  expect(policy).toContain(`script-src ${hashOf(script?.[1] ?? '')};`)
  expect(policy).toContain(`style-src ${hashOf(style?.[1] ?? '')};`)
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('unsafe')
  // Within a page these two would end the script, or hide what follows.
  expect(script?.[1]).not.toMatch(/<\/script|<!--/i)
  const around = html.replace(script?.[0] ?? '', '').replace(style?.[0] ?? '', '')
  expect(around).not.toMatch(/(src|href)=/)
})

test('the script holds no server module, no language of zod but English, and is at most 400 kB, 120 kB on the wire', async () => {
  const text = (await bundleScripts(['verify'], 'esm')).get('verify') ?? ''
  expect(text).not.toMatch(/node:|Ungültige|Entrada inválida|無効/)
  expect(text).toContain('Invalid input')
  expect(text.length).toBeLessThan(400_000)
  expect(gzipSync(text).length).toBeLessThan(120_000)
})
