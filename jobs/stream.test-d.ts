/** What must compile, with the types that are inferred, and what must not. Checked by `tsc`, never run. */

import { expectTypeOf } from "vitest";
import { z } from "zod";
import type { EventDeadLetter, Key, ProcessContext } from "../actors/index.ts";
import { serviceToken } from "../runtime/index.ts";
import { buildGraph, defineJob, type JobDefinition } from "./define-job.ts";
import { sampleSink, sampleSource } from "./fixtures/sample-specs.ts";
import type { KeyedCount, KeyedStream, KeyedValue } from "./keyed-stream.ts";
import type { Stream, TimedStream } from "./stream.ts";

interface Car {
  readonly type: "car";
  readonly seats: number;
}
interface Truck {
  readonly type: "truck";
  readonly weight: number;
}
type Vehicle = Car | Truck;

// Params come from the callback.
const withParams = defineJob("with-params", import.meta.url, (job, params: { port: number; host?: string }) => {
  expectTypeOf(params.port).toEqualTypeOf<number>();
  job.source("s", sampleSource<Vehicle>()).sink("out", sampleSink());
});
expectTypeOf(withParams).toEqualTypeOf<JobDefinition<{ port: number; host?: string }>>();
expectTypeOf(defineJob("none", () => undefined)).toEqualTypeOf<JobDefinition<undefined>>();
buildGraph(withParams, { port: 1 });
// @ts-expect-error a param of another type
buildGraph(withParams, { port: "1" });
// @ts-expect-error a param is missing
buildGraph(withParams, {});
// @ts-expect-error a param that the job does not know
buildGraph(withParams, { port: 1, prot: 2 });

defineJob("types", (job) => {
  const vehicles = job.source("vehicles", sampleSource<Vehicle>());
  expectTypeOf(vehicles).toEqualTypeOf<Stream<Vehicle>>();

  // dead letters
  expectTypeOf(vehicles.map("bad", (vehicle) => vehicle.type).deadLetters()).toExtend<
    Stream<EventDeadLetter<Vehicle>>
  >();
  expectTypeOf(vehicles.sink("bad-sink", sampleSink()).deadLetters()).toExtend<Stream<EventDeadLetter<Vehicle>>>();
  expectTypeOf(vehicles.deadLetters()).toExtend<Stream<EventDeadLetter>>();
  vehicles
    .map("of-type", (vehicle) => vehicle.type)
    .deadLetters()
    .map("event", (letter) => {
      if (letter.resubmittable) expectTypeOf(letter.value).toEqualTypeOf<Vehicle>();
      else expectTypeOf(letter.value).toEqualTypeOf<unknown>();
    });
  vehicles
    .map("numbers", () => 1)
    .deadLetters()
    .map("wrong", (letter) => {
      // @ts-expect-error the letters of an operator hold what it took, not what it emits
      return letter.resubmittable ? letter.value.toFixed() : "";
    });

  // map
  expectTypeOf(vehicles.map("type", (vehicle) => vehicle.type)).toEqualTypeOf<Stream<"car" | "truck">>();
  expectTypeOf(vehicles.map("pair", (vehicle) => ({ of: vehicle, n: 1 }))).toEqualTypeOf<
    Stream<{ of: Vehicle; n: number }>
  >();
  vehicles.map("context", (_vehicle, context) => {
    expectTypeOf(context.time).toEqualTypeOf<number | undefined>();
  });
  // @ts-expect-error a field that the events do not have
  vehicles.map("wrong-field", (vehicle) => vehicle.tpye);
  // @ts-expect-error a field that only trucks have
  vehicles.map("truck-field", (vehicle) => vehicle.weight);
  // @ts-expect-error a name is needed
  vehicles.map((vehicle) => vehicle.type);
  // @ts-expect-error an option that does not exist
  vehicles.map("option", (vehicle) => vehicle, { paralelism: 2 });

  // filter narrows by a guard, written or inferred
  const cars = vehicles.filter("cars", (vehicle): vehicle is Car => vehicle.type === "car");
  expectTypeOf(cars).toEqualTypeOf<Stream<Car>>();
  expectTypeOf(vehicles.filter("inferred", (vehicle) => vehicle.type === "truck")).toEqualTypeOf<Stream<Truck>>();
  expectTypeOf(vehicles.filter("same", (_vehicle) => true as boolean)).toEqualTypeOf<Stream<Vehicle>>();
  // @ts-expect-error a test that is no test
  vehicles.filter("number", () => 1);

  // flatMap
  expectTypeOf(vehicles.flatMap("letters", (vehicle) => [...vehicle.type])).toEqualTypeOf<Stream<string>>();
  expectTypeOf(vehicles.flatMap("set", () => new Set([1]))).toEqualTypeOf<Stream<number>>();
  // @ts-expect-error not iterable
  vehicles.flatMap("number", () => 1);

  // tap
  expectTypeOf(vehicles.tap("look", () => undefined)).toEqualTypeOf<Stream<Vehicle>>();

  // keyBy
  expectTypeOf(vehicles.keyBy((vehicle) => vehicle.type)).toEqualTypeOf<KeyedStream<Vehicle, "car" | "truck">>();
  expectTypeOf(cars.keyBy((car) => car.seats)).toEqualTypeOf<KeyedStream<Car, number>>();
  cars.keyBy((car) => BigInt(car.seats));
  cars.keyBy((car) => car.seats > 2);
  // @ts-expect-error an object is no key
  cars.keyBy((car) => car);
  // @ts-expect-error an array is no key
  cars.keyBy((car) => [car.seats]);
  // @ts-expect-error undefined is no key
  cars.keyBy((car): string | undefined => (car.seats > 2 ? "big" : undefined));
  // @ts-expect-error a field that the events do not have
  cars.keyBy((car) => car.weight);

  const bySeats = cars.keyBy((car) => car.seats);
  expectTypeOf(bySeats.count("count")).toEqualTypeOf<Stream<KeyedCount<number>>>();
  expectTypeOf(bySeats.reduce("reduce", (left, right) => (left.seats > right.seats ? left : right))).toEqualTypeOf<
    Stream<KeyedValue<number, Car>>
  >();
  expectTypeOf(
    bySeats.scan(
      "scan",
      () => ({ n: 0 }),
      (state, car) => ({ n: state.n + car.seats }),
    ),
  ).toEqualTypeOf<Stream<KeyedValue<number, { n: number }>>>();
  bySeats.scan(
    "wrong-state",
    () => 0,
    // @ts-expect-error the step returns another type than the state
    () => "text",
  );
  // @ts-expect-error an emission that does not exist
  bySeats.count("wrong-emission", { emit: "sometimes" });
  // @ts-expect-error a keyed stream is no stream: what is behind it would lose its key
  bySeats.map("behind-key", (car: Car) => car);

  // mapAsync
  expectTypeOf(cars.mapAsync("async", async (car) => car.seats)).toEqualTypeOf<Stream<number>>();
  expectTypeOf(cars.mapAsync("not-async", (car) => car.type)).toEqualTypeOf<Stream<"car">>();
  expectTypeOf(bySeats.mapAsync("per-key", async (car) => car.seats, { order: "per-key" })).toEqualTypeOf<
    Stream<number>
  >();
  cars.mapAsync("options", async (car) => car, { concurrency: 4, key: (car) => car.seats, parallelism: 2 });
  // @ts-expect-error an order that does not exist
  cars.mapAsync("wrong-order", async (car) => car, { order: "random" });
  // @ts-expect-error a key of a field that the events do not have
  cars.mapAsync("wrong-key", async (car) => car, { key: (car) => car.weight });

  // throttle
  expectTypeOf(cars.throttle("slow", 100, "1s", { burst: 10 })).toEqualTypeOf<Stream<Car>>();
  // @ts-expect-error no duration
  cars.throttle("wrong-interval", 100, "1 second");

  // parse
  const schema = z.object({ at: z.coerce.date() });
  expectTypeOf(vehicles.parse("parse", schema, { onInvalid: "fail" })).toEqualTypeOf<Stream<{ at: Date }>>();
  // @ts-expect-error no schema
  vehicles.parse("no-schema", { at: "date" });

  // split
  const parts = vehicles.split("split", {
    cars: (vehicle): vehicle is Car => vehicle.type === "car",
    trucks: (vehicle) => vehicle.type === "truck",
    heavy: (_vehicle): boolean => true,
    rest: "otherwise",
  });
  expectTypeOf(parts.cars).toEqualTypeOf<Stream<Car>>();
  expectTypeOf(parts.trucks).toEqualTypeOf<Stream<Truck>>();
  expectTypeOf(parts.heavy).toEqualTypeOf<Stream<Vehicle>>();
  expectTypeOf(parts.rest).toEqualTypeOf<Stream<Vehicle>>();
  // @ts-expect-error an output that does not exist
  parts.busses;
  // @ts-expect-error a field that the events do not have
  vehicles.split("wrong-split", { cars: (vehicle) => vehicle.seats > 2 });
  // @ts-expect-error a rule that is none
  vehicles.split("wrong-rule", { cars: "always" });

  // process
  class Weigh {
    onEvent(vehicle: Vehicle, context: ProcessContext<number>): void {
      if (vehicle.type === "truck") context.emit(vehicle.weight);
    }
  }
  class OnlyCars {
    onEvent(car: Car, context: ProcessContext<number>): void {
      context.emit(car.seats);
    }
  }
  expectTypeOf(vehicles.process("weigh", Weigh)).toEqualTypeOf<Stream<number>>();
  expectTypeOf(cars.process("weigh-cars", Weigh)).toEqualTypeOf<Stream<number>>();
  expectTypeOf(bySeats.process("keyed", OnlyCars)).toEqualTypeOf<TimedStream<number>>();
  expectTypeOf(
    cars.process("function", () => {
      let total = 0;
      return {
        onEvent(car, context: ProcessContext<{ total: number }>) {
          total += car.seats;
          context.emit({ total });
        },
      };
    }),
  ).toEqualTypeOf<Stream<{ total: number }>>();
  const outputs = vehicles.process("outputs", Weigh, { outputs: ["light"] });
  expectTypeOf(outputs.main).toEqualTypeOf<Stream<number>>();
  expectTypeOf(outputs.light).toEqualTypeOf<Stream<unknown>>();
  // @ts-expect-error an output that was not declared
  outputs.heavy;
  // @ts-expect-error an operator for some of the events only
  vehicles.process("only-cars", OnlyCars);
  // @ts-expect-error no operator
  cars.process("no-operator", () => ({ onRecord: () => undefined }));

  // state of a process operator
  class Remember {
    onEvent(_vehicle: Vehicle, { state }: ProcessContext): void {
      const seats = state.value<number>("seats");
      expectTypeOf(seats.get()).toEqualTypeOf<number | undefined>();
      const counted = state.value("counted", { initial: () => 0, ttl: "1h", ttlTime: "event", ttlFrom: "read" });
      expectTypeOf(counted.get()).toEqualTypeOf<number>();
      expectTypeOf(counted.at("a")).toEqualTypeOf<number | undefined>();
      expectTypeOf(counted.keys()).toEqualTypeOf<IterableIterator<Key>>();
      const last = state.list<Vehicle>("last");
      expectTypeOf(last.all()).toEqualTypeOf<readonly Vehicle[]>();
      expectTypeOf(last.entries()).toEqualTypeOf<IterableIterator<[Key, readonly Vehicle[]]>>();
      const byPlate = state.map<string, Vehicle>("by-plate");
      expectTypeOf(byPlate.get("a")).toEqualTypeOf<Vehicle | undefined>();
      expectTypeOf(byPlate.all()).toEqualTypeOf<ReadonlyMap<string, Vehicle>>();
      expectTypeOf(state.reducing<number>("sum", (left, right) => left + right).get()).toEqualTypeOf<
        number | undefined
      >();
      // @ts-expect-error a value of another type
      seats.set("four");
      // @ts-expect-error an item of another type
      last.add("car");
      // @ts-expect-error what is held is changed by the methods of the state
      last.all().push({ type: "car", seats: 4 });
      // @ts-expect-error a key of another type
      byPlate.get(1);
      // @ts-expect-error no duration
      state.map<string, Vehicle>("short", { ttl: "soon" });
      // @ts-expect-error no clock
      state.list<Vehicle>("timeless", { ttl: "1h", ttlTime: "wall" });
      // @ts-expect-error another type to begin with
      state.value<number>("wrong", { initial: () => "0" });
    }
  }
  vehicles.keyBy((vehicle) => vehicle.type).process("remember", Remember);

  // union
  const trucks = vehicles.filter("trucks", (vehicle): vehicle is Truck => vehicle.type === "truck");
  expectTypeOf(cars.union(cars)).toEqualTypeOf<Stream<Car>>();
  expectTypeOf(cars.union(trucks)).toEqualTypeOf<Stream<Car | Truck>>();
  expectTypeOf(
    cars.union(
      trucks,
      vehicles.map("n", () => 1),
    ),
  ).toEqualTypeOf<Stream<Car | Truck | number>>();
  // @ts-expect-error no stream
  cars.union([1]);
  // @ts-expect-error a union of events without that field
  cars.union(trucks).map("seats", (event) => event.seats);

  // groupings keep the type
  expectTypeOf(cars.shuffle().broadcast().toOne().leastLoaded().forward()).toEqualTypeOf<Stream<Car>>();
  expectTypeOf(cars.partitionBy((car, count) => car.seats % count)).toEqualTypeOf<Stream<Car>>();
  // @ts-expect-error a partition is a number
  cars.partitionBy((car) => car.type);

  // sinks
  cars.sink("car-sink", sampleSink<Car>());
  cars.sink("vehicle-sink", sampleSink<Vehicle>());
  cars.sink("any-sink", sampleSink<unknown>());
  bySeats.sink("keyed-sink", sampleSink<Vehicle>());
  // @ts-expect-error a sink of another type
  cars.sink("truck-sink", sampleSink<Truck>());
  // @ts-expect-error a sink of a narrower type
  vehicles.sink("narrow-sink", sampleSink<Car>());
  // @ts-expect-error a sink of another type behind a key
  bySeats.sink("keyed-truck-sink", sampleSink<Truck>());
  // @ts-expect-error a stream ends in a sink
  cars.sink("end", sampleSink<Car>()).map("after", (car: Car) => car);

  // services and supervision
  const token = serviceToken<{ price(type: string): number }>("prices");
  job.provide(token, () => ({ price: () => 1 }));
  // @ts-expect-error a service of another type
  job.provide(token, () => ({ price: () => "1" }));
  job.supervision({ rules: [{ when: TypeError, directive: "resume" }], otherwise: "restart" });
  vehicles.tap("supervised", () => undefined, { supervision: "resume" });
  // @ts-expect-error a directive that does not exist
  job.supervision("ignore");
  // @ts-expect-error the strategy follows from the guarantee
  job.supervision({ strategy: "all-for-one" });
});
