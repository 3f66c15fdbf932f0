// Notices: messages sent once, whatever is restarted, each named by what it tells.
import { z } from 'zod'
import { instantMs } from '../../core/codecs.ts'
import { errorText } from '../../core/errors.ts'
import type { Collection, CollectionDefinition } from '../../core/store/store.ts'
import { retryOf } from '../chat/retry.ts'

const noticeSchema = z.strictObject({ atMs: instantMs })
export type Notice = z.output<typeof noticeSchema>
export const notices: CollectionDefinition<Notice> = { name: 'notices', schema: noticeSchema, indexes: {} }

/**
 * Sends unless it was sent. A crash right after sending may repeat it, which beats losing it. What can never be sent,
 * because nobody is to be reached there or the platform will not have it, is done too: the way on must not end here.
 */
export async function notifyOnce(options: {
  notices: Collection<Notice>
  id: string
  nowMs: number
  send: () => Promise<unknown>
  onUnreachable: (reason: string) => void
}): Promise<void> {
  const { notices, id, nowMs, send, onUnreachable } = options
  if (await notices.get(id)) return
  try {
    await send()
  } catch (error) {
    if (retryOf(error) !== 'never') throw error
    onUnreachable(errorText(error))
  }
  await notices.insert(id, { atMs: nowMs })
}
