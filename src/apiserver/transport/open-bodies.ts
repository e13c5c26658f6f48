/** Watches that are being sent: they end when the transport closes, since they never would by themselves. */
export interface OpenBodies {
  add(end: () => void): () => void
  end(): void
}

export function createOpenBodies(): OpenBodies {
  const open = new Set<() => void>()
  return {
    add(end) {
      open.add(end)
      return () => void open.delete(end)
    },
    end() {
      for (const one of [...open]) one()
    },
  }
}
