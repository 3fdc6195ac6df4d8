/** The two lines below the scrollback: who is here, and what is being typed. */
import { Box, Text, useCursor } from 'ink'
import type { ChatView } from './chat-room.ts'

export function Chat({ view }: { readonly view: ChatView }) {
  const { setCursorPosition } = useCursor()
  setCursorPosition({ x: view.cursor, y: view.status === '' ? 0 : 1 })
  return (
    <Box flexDirection="column">
      {view.status !== '' && (
        <Text dimColor wrap="truncate">
          {view.status}
        </Text>
      )}
      <Text wrap="truncate">{view.input}</Text>
    </Box>
  )
}
