/** An AbortSignal that is only made when somebody asks for it: most requests end without. */
export class LazySignal {
  #controller: AbortController | undefined
  #aborted: Error | undefined

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#aborted) this.#controller.abort(this.#aborted)
    return this.#controller.signal
  }

  abort(reason: Error): void {
    this.#aborted ??= reason
    this.#controller?.abort(this.#aborted)
  }
}
