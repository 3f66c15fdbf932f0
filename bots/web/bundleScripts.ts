// Turns the browser's scripts, with all they import of core, into text that a browser runs.
import { readFile } from 'node:fs/promises'
import path from 'node:path'

const FOLDER = path.join(import.meta.dirname, 'browser')

/** The scripts that pages load, by their file's name in bots/web/browser. */
export type ScriptName = 'deposit' | 'job' | 'link' | 'pay' | 'verify'

/**
 * Bundles scripts: 'esm' for `<script type="module">`, 'iife' for a script inside a page. What a browser has not
 * (node:fs and the like) is refused, so the bundle is proof that nothing of the server is in it.
 */
export async function bundleScripts(
  names: readonly ScriptName[],
  format: 'esm' | 'iife',
): Promise<ReadonlyMap<ScriptName, string>> {
  const esbuild = await import('esbuild')
  const { outputFiles } = await esbuild.build({
    entryPoints: names.map((name) => path.join(FOLDER, `${name}.ts`)),
    outdir: FOLDER,
    write: false,
    bundle: true,
    minify: true,
    format,
    platform: 'browser',
    target: 'es2023',
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [
      {
        name: 'zod-by-parts',
        setup: (build) => build.onLoad({ filter: /\/(core|bots)\/.*\.ts$/ }, readSource),
      },
    ],
  })
  // Its helper process would stay for as long as ours.
  await esbuild.stop()
  const texts = outputFiles.map(({ path: file, text }) => [path.basename(file, '.js'), text] as const)
  return new Map(names.map((name) => [name, texts.find(([of]) => of === name)?.[1] ?? '']))
}

/** `z` as a namespace, so that the parts of zod that nobody uses (40 languages, JSON schema) are left out: two thirds of the size. */
async function readSource({ path: file }: { path: string }) {
  const text = await readFile(file, 'utf8')
  return { contents: text.replace("import { z } from 'zod'", "import * as z from 'zod'"), loader: 'ts' as const }
}
