/**
 * Cuts a stream of bytes into lines and parses each as JSON. A chunk is looked through once, whatever its size,
 * and no line may be longer than `maximumLine` bytes.
 */
export async function* jsonLines(chunks: AsyncIterable<Buffer>, maximumLine: number): AsyncGenerator<unknown, void, undefined> {
  let pending: Buffer[] = []
  let pendingBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = chunk.subarray(start, end)
      start = end + 1
      const whole = pending.length === 0 ? line : Buffer.concat([...pending, line])
      pending = []
      pendingBytes = 0
      if (whole.length > 0) yield JSON.parse(whole.toString('utf8'))
    }
    const rest = chunk.subarray(start)
    pendingBytes += rest.length
    if (pendingBytes > maximumLine) throw new Error(`a line of the stream is longer than ${maximumLine} bytes; the stream is given up`)
    if (rest.length > 0) pending.push(rest)
  }
  if (pendingBytes > 0) yield JSON.parse(Buffer.concat(pending).toString('utf8'))
}
