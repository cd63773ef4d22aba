/**
 * Lets calls of an asynchronous function follow each other, first come first served. Of work that only the processor
 * does, several at once are no sooner done than one after the other, and all that they have made so far outlives
 * the small collections of garbage meanwhile.
 */
export function inTurn<Argument, Result>(
  work: (argument: Argument) => Promise<Result>,
): (argument: Argument) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (argument) => {
    const turn = last.then(() => work(argument));
    last = turn.catch(() => undefined);
    return turn;
  };
}
