// What launchers share about machines that were asked for: how soon one must be visible, and how the end of one is told.
import type { Clock } from '../clock.ts'
import { NectoError } from '../errors.ts'
import type { Machine, MachineStatus } from './launcher.ts'

/** How long a new machine may be missing from the provider's lists. */
export const VISIBLE_WITHIN_MS = 2 * 60_000

export const isNew = ({ askedAtMs }: Pick<Machine, 'askedAtMs'>, clock: Pick<Clock, 'now'>): boolean =>
  clock.now() - askedAtMs < VISIBLE_WITHIN_MS

/** The provider does not know a machine of this name: every launcher's code for that ends so. */
export const isUnknown = (error: unknown): boolean => error instanceof NectoError && error.code.endsWith('.not-found')

/** For a call's `catch`: nothing where the provider does not know the machine. */
export function ifKnown(error: unknown): undefined {
  if (!isUnknown(error)) throw error
}

export const ended = (cause: 'exited' | 'reclaimed' | 'failed', why: string): MachineStatus => ({
  state: 'ended',
  cause,
  why,
})
