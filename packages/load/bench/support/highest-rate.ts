/** Steps of the search: each halves what is unknown, 4 leave it within 5 % of the estimate. */
const STEPS = 4;

/**
 * The highest rate at which `keepsUp` holds, between 0.4 and 1.2 of an estimate, by halving. The lower end if it holds
 * nowhere in between.
 */
export async function highestRate(estimate: number, keepsUp: (rate: number) => Promise<boolean>): Promise<number> {
  let low = estimate * 0.4;
  let high = estimate * 1.2;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    if (await keepsUp(middle)) low = middle;
    else high = middle;
  }
  return low;
}
