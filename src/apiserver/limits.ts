/** Every bound of the API server in one place. What happens beyond each one stands beside it. */
export const limits = {
  /** 413. */
  bodyBytes: 3 * 1024 * 1024,
  /** 413; YAML takes a hundred times as long to read as JSON, and no larger object could be stored. */
  yamlBytes: 1536 * 1024,
  /** Longer YAML is read by another thread, since a few milliseconds are all that one request may hold up the others. */
  yamlInPlaceBytes: 4 * 1024,
  /** How long that thread stays without work, and how long it may take for an answer (500). */
  yamlIdle_ms: 60_000,
  yamlPatience_ms: 30_000,
  /** 400; checked before parsing. */
  bodyDepth: 1000,
  /** Warnings about what of one body is not kept as it was sent; beyond, they are not told one by one. */
  namedLosses: 10,
  /** 413; upstream's figure. */
  patchOperations: 10_000,
  /** 413; what etcd takes. */
  objectBytes: 1536 * 1024,
  /** Bytes of one stream that the client has not taken; whoever makes more waits. */
  unsentBytes: 256 * 1024,
  /** The same of one watch, of which there may be thousands; it then holds back references, which cost next to nothing. */
  unsentWatchBytes: 64 * 1024,
  /** Events that a watch holds back; beyond, it ends with 410. */
  heldEvents: 10_000,
  /** Answers from here on are compressed for clients that accept it. */
  compressFromBytes: 128 * 1024,
  /** Bodies of versions that are not the stored one, and in protobuf. */
  encodedCacheBytes: 32 * 1024 * 1024,
  /** Frames of watches that were just sent and are wanted by other watchers. */
  frameCacheBytes: 4 * 1024 * 1024,
  /** A list is written in pieces of this size, and lets others go first between two of them; larger ones cost memory, not less time. */
  listChunkBytes: 128 * 1024,
  /** Buffers of such pieces that are kept for the next ones. */
  keptPieces: 8,
  /** Objects that are decoded for a selector before others go first. */
  decodeSlice: 200,
  /** Objects of a list that are encoded before others go first. */
  encodeSlice: 100,
  /** 400. */
  fieldManagerLength: 128,
  /** Longer ones that clients choose are cut: they are written down with each request. */
  auditIdLength: 64,
  /** How long a read waits for a revision that is not there yet, then 504. */
  freshWait_ms: 3_000,
  /** A watch without `timeoutSeconds` ends after this time or up to twice as long. */
  watchTimeout_ms: 1_800_000,
  bookmarkInterval_ms: 60_000,
  /** Tries of `generateName`. */
  generatedNameTries: 8,
  /** Requests at work at a time, shared out among priority levels; upstream's 400 and 200. Beyond, requests wait in turn, then 429. */
  readRequests: 400,
  writeRequests: 200,
  /** How long a request waits for its turn, then 429. */
  turnWait_ms: 15_000,
  /** How long a client that is slow to take its answer still counts as being served. */
  slowAnswer_ms: 5_000,
} as const
