// Where npm put a program of Foundry's: each is a package of its own for every platform.
import { createRequire } from 'node:module'
import path from 'node:path'

/** The path of the program; throws when it is not installed for this platform. */
export function foundryBinary(program: 'anvil' | 'forge'): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const name = `@foundry-rs/${program}-${process.platform}-${arch}`
  const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
  return path.join(path.dirname(manifest), 'bin', process.platform === 'win32' ? `${program}.exe` : program)
}
