/** Sales of a shop, made from their number. */

export interface Sale {
  readonly shop: string;
  readonly cents: number;
}

const shops = ["Ulm", "Bonn", "Kiel"];

export const saleCount = 6_000;

export function saleOf(number: number): Sale {
  return { shop: shops[number % shops.length] as string, cents: 100 + (number % 7) };
}
