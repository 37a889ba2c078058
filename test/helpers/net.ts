import fc from "fast-check";
import { type Address, type Prefix, prefixOf, widthOf } from "../../util/net";

/** Addresses of either family, or of one; those with few bits set are as likely as others. */
export const addressOf = (family: 4 | 6): fc.Arbitrary<Address> =>
  fc
    .oneof(
      fc.bigInt({ min: 0n, max: (1n << BigInt(widthOf[family])) - 1n }),
      fc
        .array(fc.nat(widthOf[family] - 1), { maxLength: 6 })
        .map((bits) => bits.reduce((value, bit) => value | (1n << BigInt(bit)), 0n)),
    )
    .map((value) => ({ family, value }));

export const anyAddress: fc.Arbitrary<Address> = fc.oneof(addressOf(4), addressOf(6));

export const prefixesOf = (family: 4 | 6): fc.Arbitrary<Prefix> =>
  fc
    .tuple(addressOf(family), fc.nat(widthOf[family]))
    .map(([one, length]) => prefixOf(one, length));

export const anyPrefix: fc.Arbitrary<Prefix> = fc.oneof(prefixesOf(4), prefixesOf(6));
