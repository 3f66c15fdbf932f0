// A view: what a message says, as data; each platform renders it, and only the renderer knows markup.

/** A run of text. Everything from people and providers goes through here as data, never as markup. */
export type Span =
  | string
  | { readonly text: string; readonly style?: 'bold' | 'italic' | 'code'; readonly href?: string }

export type StepState = 'waiting' | 'working' | 'done' | 'failed' | 'skipped'

/** One line: a state word or sign and what it says, readable without colour. */
export interface Step {
  readonly state: StepState
  /** What was begun, before the sign: "Scanning Akash… ✓ 14 offers". The text then says by itself how it ended. */
  readonly lead?: string
  readonly text: string
}

export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly spans: readonly Span[] }
  | { readonly kind: 'steps'; readonly items: readonly Step[] }
  | {
      readonly kind: 'table'
      readonly columns: readonly { readonly title: string; readonly align: 'left' | 'right' }[]
      readonly rows: readonly (readonly string[])[]
    }
  | { readonly kind: 'facts'; readonly rows: readonly { readonly label: string; readonly value: readonly Span[] }[] }
  | { readonly kind: 'list'; readonly items: readonly (readonly Span[])[] }
  /** Preformatted text: logs, commands. */
  | { readonly kind: 'code'; readonly text: string }
  /** Small print below the rest. */
  | { readonly kind: 'note'; readonly text: string }

/** A button either carries an opaque action token (bots/chat/actions.ts) or opens an https page. */
export type Button =
  | { readonly label: string; readonly token: string; readonly look?: 'primary' | 'danger' }
  | { readonly label: string; readonly url: string }

/** A picture; everything in it is also said in words, in the blocks or in `alt`. */
export interface Picture {
  readonly fileName: string
  readonly png: Uint8Array
  readonly alt: string
}

/** One message. With a picture it is best short: on Telegram what exceeds 1024 characters follows below it, and an edit changes the words alone. */
export interface View {
  readonly blocks: readonly Block[]
  readonly picture?: Picture
  readonly buttons?: readonly (readonly Button[])[]
}

/** The shortest way to a view of one paragraph. */
export const textView = (...spans: readonly Span[]): View => ({ blocks: [{ kind: 'text', spans }] })
