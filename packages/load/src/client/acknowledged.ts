/** Which of the numbers 1, 2, 3 … were acknowledged. Answers may overtake one another; none may come twice. */
export class Acknowledged {
  #upTo = 0;
  #beyond: Set<number> | undefined;

  get count(): number {
    return this.#upTo + (this.#beyond?.size ?? 0);
  }

  /** What is wrong with this answer, if anything is. `sent` is the highest number in use. */
  note(number: number, sent: number): string | undefined {
    if (number > sent || number < 1) return `an answer to ${number}, which was not sent`;
    if (number <= this.#upTo || this.#beyond?.has(number) === true) return `${number} was answered twice`;
    if (number === this.#upTo + 1) this.#advance();
    else (this.#beyond ??= new Set()).add(number);
    return undefined;
  }

  #advance(): void {
    do this.#upTo += 1;
    while (this.#beyond?.delete(this.#upTo + 1) === true);
  }
}
