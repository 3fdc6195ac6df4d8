/**
 * A chat: keys to utterances, what is said to the transcript, and the two lines that stand below it.
 *
 * Everything that happens only marks that a frame is due; frames are drawn at most ten times a second.
 */
import type { Separator } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import { plural } from '../verbs/context.ts'
import type { Room, RoomFacts, Utterance } from '../verbs/room.ts'
import { cut, safe } from './cells.ts'
import { Completion, chatCommand, HELP } from './chat-command.ts'
import { Editor, windowOf } from './editor.ts'
import { Frames } from './frames.ts'
import type { Key } from './terminal.ts'
import { Transcript, type TranscriptOptions } from './transcript.ts'

/** What stands below the scrollback. */
export interface ChatView {
  readonly status: string
  readonly input: string
  /** Cells before the cursor in the input line. */
  readonly cursor: number
}

export interface ChatOptions extends Omit<TranscriptOptions, 'self'> {
  readonly hasTimes: boolean
  readonly columns: () => number
  readonly rows: () => number
  /** Puts rows into the scrollback, and draws the lines below; `undefined`: none. */
  readonly draw: (rows: string, view: ChatView | undefined) => void
}

const TICK_MS = 1_000
const PROMPT = '> '
/** Names in the status line. */
const SLOW_MAX = 3
/** Typed and not yet taken: a paste, before enough peers are there. */
const SAID_MAX = 100_000

export class ChatRoom implements Room {
  readonly #facts: RoomFacts
  readonly #options: ChatOptions
  readonly #transcript: Transcript
  readonly #editor = new Editor()
  readonly #completion = new Completion()
  readonly #peers = new Map<string, PeerInfo>()
  readonly #frames = new Frames(() => this.#draw())
  readonly #timer: NodeJS.Timeout
  #said: Utterance[] = []
  #waiting: ((utterance: Utterance | undefined) => void) | undefined
  #isOver = false
  #end = () => {}
  readonly ended = new Promise<void>((resolve) => {
    this.#end = resolve
  })
  #spoken = 0
  /** Lines when the last key was pressed, and when the last second began. */
  #read = 0
  #before = { heard: 0, spoken: 0 }
  #rates = { heard: 0, spoken: 0 }
  /** The status line as it was drawn last. */
  #shown = ''

  constructor(facts: RoomFacts, options: ChatOptions) {
    this.#facts = facts
    this.#options = options
    this.#transcript = new Transcript({ ...options, self: facts }, options.hasTimes)
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.#frames.due()
  }

  said(info: PeerInfo, body: Buffer, from: Separator): void {
    this.#transcript.said(info, body, from)
    this.#frames.due()
  }

  event(event: 'join' | 'leave', info: PeerInfo, reason: string): void {
    if (event === 'join') this.#peers.set(info.id, info)
    else this.#peers.delete(info.id)
    this.#transcript.moved(info, event, reason)
    // Those who come together are told of together.
    this.#frames.dueLater()
  }

  missed(info: PeerInfo, lines: number): void {
    this.notice(`missed ${plural(lines, 'line')} from ${this.#transcript.labels.of(info)}`)
  }

  notice(text: string): void {
    this.#transcript.notice(text)
    this.#frames.due()
  }

  next(): Promise<Utterance | undefined> {
    const utterance = this.#said.shift()
    if (utterance !== undefined || this.#isOver) return Promise.resolve(utterance)
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  close(): void {
    clearInterval(this.#timer)
    this.#frames.stop()
    this.#leave()
    this.#options.draw(this.#transcript.take(this.#options.columns()), undefined)
  }

  /** The person leaves. */
  #leave(): void {
    this.#isOver = true
    this.#end()
    this.#waiting?.(undefined)
    this.#waiting = undefined
  }

  /** Everything is drawn again: the window has changed. */
  redraw(): void {
    this.#frames.due()
  }

  press(key: Key): void {
    this.#read = this.#transcript.heard
    const editor = this.#editor
    if (key.name !== 'tab') this.#completion.reset()
    if (key.name === 'return' || key.name === 'enter') this.#submit(editor.take())
    else if (key.name === 'tab') this.#complete()
    else if (key.ctrl && key.name === 'd' && editor.text === '') this.#leave()
    else if (!editor.press(key) && key.text !== undefined) this.paste(key.text)
    this.#frames.due()
  }

  paste(text: string): void {
    if (!this.#editor.insert(text)) this.notice('the line is too long; use lswarm send')
    this.#frames.due()
  }

  #submit(text: string): void {
    if (text.includes('\n')) {
      // Pasted: every line is said as it is, and none is a command.
      for (const line of text.replace(/\n+$/, '').split('\n')) this.#say({ text: line })
      return
    }
    if (text === '') return
    const command = chatCommand(text)
    if (command.does === 'say') this.#say({ text: command.text })
    else if (command.does === 'to') this.#sayTo(command.name, command.text)
    else if (command.does === 'who') this.#who()
    else if (command.does === 'quit') this.#leave()
    else if (command.does === 'complain') this.notice(command.why)
    else if (command.does === 'help') for (const line of HELP) this.notice(line)
    else {
      this.#transcript.hasTimes = !this.#transcript.hasTimes
      this.notice(this.#transcript.hasTimes ? 'times are shown' : 'times are not shown')
    }
  }

  #sayTo(name: string, text: string): void {
    const wanted = name.toLowerCase()
    const peers = [...this.#peers.values()]
    const labelled = peers.filter((peer) => this.#transcript.labels.of(peer).toLowerCase() === wanted)
    // Somebody's label comes before another's id that begins so.
    const found = labelled.length > 0 ? labelled : peers.filter(({ id }) => id.startsWith(wanted))
    const [peer] = found
    if (peer === undefined) this.notice(`${name} is not here`)
    else if (found.length > 1)
      this.notice(`${name} may be ${found.map((one) => one.id.slice(0, 8)).join(' or ')}`)
    else this.#say({ text, to: peer.id }, this.#transcript.labels.of(peer))
  }

  #say(utterance: Utterance, label?: string): void {
    if (this.#said.length >= SAID_MAX) return this.notice('too much is waiting to be said: not sent')
    this.#spoken += 1
    this.#transcript.echo(utterance.text, label)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) waiting(utterance)
    else this.#said.push(utterance)
  }

  #who(): void {
    const { labels } = this.#transcript
    this.notice(`${labels.of(this.#facts)} ${this.#facts.id.slice(0, 8)} (you)`)
    const slow = this.#facts.slow()
    for (const peer of this.#peers.values()) {
      const isSlow = slow.includes(peer.id) ? ', slow' : ''
      this.notice(`${labels.of(peer)} ${peer.id.slice(0, 8)} (${peer.verb}${isSlow})`)
    }
  }

  #complete(): void {
    const { text, cursor } = this.#editor
    // A name with spaces cannot be typed after /to: its id can.
    const names = [...this.#peers.values()].map((peer) => {
      const label = this.#transcript.labels.of(peer)
      return /^\S+$/.test(label) ? label : peer.id.slice(0, 8)
    })
    const candidate = this.#completion.next(text, cursor, names)
    if (candidate !== undefined) this.#editor.set(candidate.text, candidate.cursor)
  }

  #tick(): void {
    const now = { heard: this.#transcript.heard, spoken: this.#spoken }
    this.#rates = { heard: now.heard - this.#before.heard, spoken: now.spoken - this.#before.spoken }
    this.#before = now
    // Most seconds change nothing.
    if (this.#status() !== this.#shown) this.#frames.due()
  }

  #status(): string {
    const { heard, spoken } = this.#rates
    const slow = this.#facts.slow()
    const names = slow
      .slice(0, SLOW_MAX)
      .map((id) => this.#transcript.labels.of(this.#peers.get(id) ?? { id, name: '?' }))
    const unread = this.#transcript.heard - this.#read
    const number = (value: number) => value.toLocaleString('en')
    return [
      safe(this.#facts.topic),
      plural(this.#peers.size, 'peer'),
      heard + spoken > 0 && `${number(heard)} in ${number(spoken)} out a second`,
      unread > 0 && `${number(unread)} new`,
      slow.length > 0 &&
        `slow: ${names.join(', ')}${slow.length > SLOW_MAX ? ` and ${slow.length - SLOW_MAX} more` : ''}`,
    ]
      .filter(Boolean)
      .join(' · ')
  }

  #draw(): void {
    const columns = this.#options.columns()
    const { text, cursor } = windowOf(this.#editor, columns - PROMPT.length)
    this.#shown = this.#status()
    this.#options.draw(this.#transcript.take(columns), {
      status: this.#options.rows() > 2 ? cut(this.#shown, columns - 1) : '',
      input: PROMPT + text,
      cursor: PROMPT.length + cursor,
    })
  }
}
