/** Writes that a process did not wait for, until the guest has answered them. */
export class PostedWrites {
  #outstanding = 0;
  #failed: { readonly error: unknown } | undefined;
  #onSettled: () => void = () => {};

  get none(): boolean {
    return this.#outstanding === 0 && this.#failed === undefined;
  }

  add(write: Promise<unknown>): void {
    this.#outstanding++;
    write.then(
      () => this.#settle(),
      (error: unknown) => {
        this.#failed ??= { error };
        this.#settle();
      },
    );
  }

  /** When all of them are done. @throws what the first one failed with that failed */
  async done(): Promise<void> {
    if (this.#outstanding > 0) {
      await new Promise<void>((resolve) => {
        this.#onSettled = resolve;
      });
    }
    if (this.#failed !== undefined) throw this.#failed.error;
  }

  #settle(): void {
    this.#outstanding--;
    if (this.#outstanding === 0) this.#onSettled();
  }
}
