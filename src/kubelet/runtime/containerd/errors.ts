import { RuntimeError } from '../types.ts'
import { GrpcError, statusCode } from './grpc-status.ts'

/** What a failed call means to the kubelet. The text stays containerd's own: Events show it as upstream's do. */
export function runtimeError(error: unknown): RuntimeError {
  if (error instanceof RuntimeError) return error
  if (error instanceof GrpcError) return new RuntimeError(reasonOf(error), error.message, { cause: error })
  return new RuntimeError('Unknown', error instanceof Error ? error.message : String(error), { cause: error })
}

function reasonOf(error: GrpcError): RuntimeError['reason'] {
  switch (error.code) {
    case statusCode.notFound:
      return 'NotFound'
    case statusCode.deadlineExceeded:
      return 'Timeout'
    case statusCode.unavailable:
      return 'Unavailable'
    case statusCode.invalidArgument:
      return 'InvalidArgument'
    default:
      // containerd before 1.7 gives an exec's time-out no code of its own.
      return /timeout \S+ exceeded/.test(error.message) ? 'Timeout' : 'Unknown'
  }
}
