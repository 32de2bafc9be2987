/** Orders: the input of the shop, in all its versions. */

export interface Order {
  readonly number: number;
  readonly customer: string;
  readonly euros: number;
}

const customers = ["Ada", "Barbara", "Edsger", "Grace", "Leslie"];

export function orderOf(number: number): Order {
  return { number, customer: customers[number % customers.length] ?? "", euros: 1 + (number % 97) };
}
