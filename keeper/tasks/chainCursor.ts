// How far a chain has been read: everything before `nextBlock` for good, the linked blocks after it provisionally.
import { z } from 'zod'
import { bytes32, integerText } from '../../core/codecs.ts'
import type { CollectionDefinition } from '../../core/store/store.ts'

const blockRefSchema = z.strictObject({ number: integerText, hash: bytes32, parentHash: bytes32 })
/** A block by its place and its link to the one before. */
export type BlockRef = z.output<typeof blockRefSchema>

const chainCursorSchema = z.strictObject({
  /** The first block whose events have not been handed on as final. */
  nextBlock: integerText,
  /** Hash of the block before it; absent until a block was final. */
  finalHash: bytes32.optional(),
  /** From `nextBlock` on without a gap: seen, handed on as provisional, each the parent of the next. */
  blocks: z.array(blockRefSchema),
})
export type ChainCursor = z.output<typeof chainCursorSchema>

export const chainCursors: CollectionDefinition<ChainCursor> = {
  name: 'chainCursors',
  schema: chainCursorSchema,
  indexes: {},
}
