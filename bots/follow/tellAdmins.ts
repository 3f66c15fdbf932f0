// Tells every admin once in private; whoever cannot be reached now is tried again.
import { NectoError } from '../../core/errors.ts'
import type { Collection } from '../../core/store/store.ts'
import { memberKey } from '../../core/teams/team.ts'
import { type Place, platform as platformSchema } from '../chat/inbound.ts'
import type { Addressee } from '../chat/port.ts'
import type { View } from '../chat/view.ts'
import type { BotApp } from '../commands/app.ts'
import { type Notice, notifyOnce } from './notice.ts'

// An admin who never pressed Start may do so at any time.
const AGAIN_MS = 600_000

/** `id` names what is told. Answers when to try those again who were not reached; undefined: all have been told. */
export async function tellAdmins(options: {
  app: BotApp
  notices: Collection<Notice>
  id: string
  view: (admin: Addressee, place: Place) => Promise<View>
}): Promise<number | undefined> {
  const { app, notices, id, view } = options
  const { clock, log } = app.context
  let again: number | undefined
  for (const admin of adminsOf(app)) {
    try {
      const send = async () => {
        const place = app.chat.privatePlace(admin)
        return app.live.post(place, await view(admin, place), { urgent: true })
      }
      await notifyOnce({
        notices,
        id: `${id}:${memberKey(admin)}`,
        nowMs: clock.now(),
        send,
        onUnreachable(reason) {
          // Thrown, so that it does not count as told.
          throw new NectoError('chat.unreachable', reason)
        },
      })
    } catch (error) {
      if (!(error instanceof NectoError) || error.code !== 'chat.unreachable') throw error
      log.warn({ msg: 'admin not reached, trying again', what: id, admin: memberKey(admin), reason: error.message })
      again = AGAIN_MS
    }
  }
  return again
}

/** The operators by platform and id; one of a platform that there is not is left out. */
function adminsOf(app: BotApp): Addressee[] {
  return app.admins.flatMap((admin) => {
    const [on, userId = ''] = admin.split(':')
    const { data: platform } = platformSchema.safeParse(on)
    return platform ? [{ platform, userId, label: 'admin' }] : []
  })
}
