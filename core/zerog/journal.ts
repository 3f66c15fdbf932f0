// What was paid for which root, written down before it is sent, so that a restart never pays twice.
import type { Hex } from 'viem'

/** A signed submission. Resending `raw` is safe at any time; it holds no secret. */
export interface SentTransaction {
  root: Hex
  hash: Hex
  raw: Hex
  nonce: number
}

/** Where signed submissions are kept. `save` must have reached the disk when it resolves: the broadcast follows. */
export interface TransactionJournal {
  save(sent: SentTransaction): Promise<void>
  /** All of a root, oldest first. */
  load(root: Hex): Promise<SentTransaction[]>
  /** All signed with this nonce, of whatever root, oldest first. */
  loadNonce(nonce: number): Promise<SentTransaction[]>
}

/** A journal that lives as long as the process: no protection from a crash between broadcast and finality. */
export function createMemoryJournal(): TransactionJournal {
  const all: SentTransaction[] = []
  return {
    save: async (sent) => void all.push(sent),
    load: async (root) => all.filter((sent) => sent.root === root),
    loadNonce: async (nonce) => all.filter((sent) => sent.nonce === nonce),
  }
}
