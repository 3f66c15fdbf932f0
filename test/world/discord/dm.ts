// The DM channel of the bot with one person.
import type { Channel, User, World } from './model.ts'

/** The channel, made when it is first asked for. */
export function dmChannel(world: World, recipient: User): Channel {
  const known = [...world.channels.values()].find((channel) => channel.recipient === recipient)
  if (known) return known
  const id = world.newId()
  const channel = { id, name: recipient.name, recipient, overwrites: new Map(), messages: new Map() }
  world.channels.set(id, channel)
  return channel
}
