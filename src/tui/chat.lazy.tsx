/**
 * The chat on a terminal: Ink makes the rows below the scrollback, and what is said goes into the scrollback past it.
 *
 * Ink's Static would do the same, but keeps all that it ever wrote, to write it again when the window gets too small,
 * after clearing the scrollback; a chat stays open all day.
 */
import type { Instance } from 'ink'
import type { Room, RoomFacts } from '../verbs/room.ts'
import { Below } from './below.ts'
import { ChatRoom, type ChatView } from './chat-room.ts'
import { Chat } from './chat-view.tsx'
import { renderFrames } from './ink-frames.ts'
import type { Key, Terminal } from './terminal.ts'
import { setColours } from './theme.ts'

export interface ChatSettings {
  readonly hasTimes: boolean
  readonly bell: boolean
  readonly time: () => string
}

/** What is pasted comes between two marks; and nothing that was drawn below the scrollback stays. */
const MODES = { enter: '\x1b[?2004h', leave: '\r\x1b[J\x1b[?2004l\x1b[?7h\x1b[?25h' }

export function openChat(terminal: Terminal, facts: RoomFacts, settings: ChatSettings): Room {
  setColours(terminal.colours)
  const screen = new Screen(terminal)
  const room = new ChatRoom(facts, {
    ...settings,
    columns: () => terminal.columns,
    rows: () => terminal.rows,
    draw: (rows, view) => screen.draw(rows, view),
  })
  const resized = () => {
    screen.below.resized()
    room.redraw()
  }
  terminal.stdout.on('resize', resized)
  terminal.onstop = () => screen.leave()
  terminal.onreturn = () => {
    screen.below.forget()
    room.redraw()
  }
  terminal.take(MODES)
  terminal.listen({
    onkey: (key: Key) => {
      if (key.ctrl && key.name === 'c') terminal.interrupt()
      else if (key.ctrl && key.name === 'z') terminal.suspend()
      else room.press(key)
    },
    onpaste: (text) => room.paste(text),
  })
  const close = room.close.bind(room)
  room.close = () => {
    terminal.stdout.off('resize', resized)
    close()
    terminal.giveBack()
  }
  return room
}

/** The terminal from the first frame until we leave it: rows of Ink's, beneath what is said. */
class Screen {
  readonly below: Below
  readonly #terminal: Terminal
  #ink: Instance | undefined
  /** The last frame of Ink's. */
  #frame = ''

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    this.below = new Below((text) => terminal.write(text))
  }

  draw(rows: string, view: ChatView | undefined): void {
    if (view === undefined) {
      this.leave()
      if (rows !== '') this.#terminal.write(rows)
      return
    }
    const chat = <Chat view={view} />
    if (this.#ink !== undefined) this.#ink.rerender(chat)
    else
      this.#ink = renderFrames(chat, this.#terminal, (frame) => {
        this.#frame = frame
      })
    this.below.draw(rows, { rows: this.#frame.split('\n'), cursor: view.cursor })
  }

  /** Wipes what stands below the scrollback. */
  leave(): void {
    this.below.wipe()
    this.#ink?.unmount()
    this.#ink = undefined
  }
}
