// One process per folder: a lock that the kernel holds for its owner and drops with it.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { NectoError } from '../errors.ts'

const SQLITE_BUSY = 5
const holderSchema = z.object({ pid: z.int().positive(), host: z.string() })

export interface DirectoryLock {
  held(): boolean
  release(): Promise<void>
}

/**
 * Takes the folder for this process or throws NectoError `store.locked` naming the holder's pid.
 *
 * SQLite's write lock on an empty file is a POSIX record lock, which Node offers nowhere else: a stopped holder keeps
 * it, a killed one loses it at once, no stale file or reused pid can matter, of two racing starters one wins, network
 * namespaces do not hide it, and it works on macOS. It also holds within one process, because SQLite keeps count.
 * Nothing else in this process may open that file: closing it would drop the lock.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const holderPath = join(directory, 'lock-holder.json')
  const database = new DatabaseSync(join(directory, 'lock'))
  try {
    database.exec('BEGIN IMMEDIATE')
  } catch (cause) {
    database.close()
    if (!isBusy(cause))
      throw new NectoError('store.lock', 'This folder cannot be locked.', { details: directory, cause })
    const pid = await holderPid(holderPath)
    throw new NectoError('store.locked', `another necto process (pid ${pid ?? 'unknown'}) has this folder open`, {
      // It may be about to end, as on a restart.
      retry: 'later',
      details: directory,
    })
  }
  try {
    // Only for the text above; the lock alone decides.
    await writeFile(holderPath, JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 })
  } catch (cause) {
    database.close()
    throw cause
  }
  return {
    held: () => database.isOpen && database.isTransaction,
    async release() {
      if (!database.isOpen) return
      // First the name, then the lock: the other way round the next holder's name could be the one removed.
      await rm(holderPath, { force: true }).finally(() => database.close())
    },
  }
}

// A holder that has only just won may not have written its name yet, and an earlier one killed leaves its own.
async function holderPid(path: string): Promise<number | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const text = await readFile(path, 'utf8').catch(() => '')
    const holder = holderSchema.safeParse(text === '' ? undefined : parseOrNothing(text)).data
    if (holder && (holder.host !== hostname() || isAlive(holder.pid))) return holder.pid
    await pause(50)
  }
  return undefined
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process answers EPERM, and lives.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === SQLITE_BUSY
  )
}
