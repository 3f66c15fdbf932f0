// The runner's key on disk: made once, readable by its owner only.
import { open, readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Address, LocalAccount } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import { bytes32 } from '../../core/codecs.ts'
import { NectoError } from '../../core/errors.ts'
import { makeFolder } from '../../core/store/durableFile.ts'

/** Makes a key file and returns its address. NectoError `seller.key-exists`: a key is never overwritten. */
export async function createKeyFile(path: string): Promise<Address> {
  const key = generatePrivateKey()
  await makeFolder(resolve(dirname(path)))
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${key}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')
      throw new NectoError('seller.key-exists', `There is a key in ${path} already; it stays as it is.`)
    throw new NectoError('seller.key-not-written', `The key could not be written to ${path}.`, { cause })
  }
  return privateKeyToAccount(key).address
}

/** The account of a key file. NectoError `seller.key`: missing, readable by others, or not a key. */
export async function readKeyFile(path: string): Promise<{ account: LocalAccount; secret: string }> {
  const mode = await stat(path).then(
    (found) => found.mode,
    () => undefined,
  )
  if (mode === undefined)
    throw new NectoError('seller.key', `There is no runner key in ${path}. Make one: ./necto seller key`)
  if ((mode & 0o077) !== 0)
    throw new NectoError('seller.key', `Others can read ${path}. Take that right away: chmod 600 ${path}`)
  const secret = z
    .string()
    .trim()
    .pipe(bytes32)
    .safeParse(await readFile(path, 'utf8')).data
  if (!secret) throw new NectoError('seller.key', `${path} does not hold a runner key.`)
  return { account: privateKeyToAccount(secret), secret }
}
