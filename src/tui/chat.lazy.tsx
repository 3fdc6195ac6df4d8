/**
 * The chat on a terminal, drawn by Ink.
 *
 * What is said goes into the terminal's own scrollback past React. Ink's Static would do the same, but keeps
 * all that it ever wrote, to write it again when the window gets too small; a chat stays open all day.
 */
import { type Instance, render, useStdout } from 'ink'
import { useLayoutEffect } from 'react'
import type { Room, RoomFacts } from '../verbs/room.ts'
import { ChatRoom, type ChatView } from './chat-room.ts'
import { Chat } from './chat-view.tsx'
import type { Key, Terminal } from './terminal.ts'
import { setColours } from './theme.ts'

export interface ChatSettings {
  readonly hasTimes: boolean
  readonly bell: boolean
  readonly time: () => string
}

const ERASE_BELOW = '\x1b[J'
/** What is pasted comes between two marks; and nothing that was drawn below the scrollback stays. */
const MODES = { enter: '\x1b[?2004h', leave: '\r\x1b[J\x1b[?2004l\x1b[?7h\x1b[?25h' }

type Write = (text: string) => void

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
    // Of a line that a narrower window has broken, Ink knows the first row alone.
    terminal.write(ERASE_BELOW)
    room.redraw()
  }
  terminal.stdout.on('resize', resized)
  terminal.onstop = () => screen.leave()
  terminal.onreturn = resized
  terminal.take(MODES)
  terminal.listen({
    onkey: (key: Key) => {
      if (key.ctrl && key.name === 'c') terminal.interrupt()
      else if (key.ctrl && key.name === 'z') terminal.suspend()
      else room.press(key)
    },
    onpaste: (text) => room.paste(text),
    onend: () => room.end(),
  })
  const close = room.close.bind(room)
  room.close = () => {
    terminal.stdout.off('resize', resized)
    close()
    terminal.giveBack()
  }
  return room
}

/** What Ink draws on, from the first frame until we leave it. */
class Screen {
  readonly #terminal: Terminal
  #ink: Instance | undefined
  #write: Write | undefined

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  draw(rows: string, view: ChatView | undefined): void {
    if (view === undefined) {
      this.leave()
      if (rows !== '') this.#terminal.write(rows)
      return
    }
    const chat = <Below view={view} onwrite={(write) => (this.#write = write)} />
    if (this.#ink === undefined) this.#ink = this.#begin(chat)
    else this.#ink.rerender(chat)
    if (rows !== '') this.#write?.(rows)
  }

  /** Wipes what stands below the scrollback. */
  leave(): void {
    this.#ink?.rerender(null)
    this.#ink?.unmount()
    this.#ink = undefined
  }

  #begin(chat: React.ReactNode): Instance {
    const { stdin, stdout } = this.#terminal
    return render(chat, { stdin, stdout, exitOnCtrlC: false, patchConsole: false, maxFps: 1_000 })
  }
}

function Below({ view, onwrite }: { readonly view: ChatView; readonly onwrite: (write: Write) => void }) {
  const { write } = useStdout()
  // Nothing is returned: it would be called at the end.
  useLayoutEffect(() => {
    onwrite(write)
  }, [write, onwrite])
  return <Chat view={view} />
}
