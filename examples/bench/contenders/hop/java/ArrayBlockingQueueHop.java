import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * W4 as a Java program of two threads: one makes events and puts them into an ArrayBlockingQueue of 1024, the other takes
 * them and counts per bridge. For each line of standard input, a number of events, it prints one line: wall time in ms, processor
 * time in ms, and the counts by bridge. Runs from its source: java ArrayBlockingQueueHop.java
 */
public final class ArrayBlockingQueueHop {
  private static final int CAPACITY = 1024;
  private static final int BRIDGES = 1000;
  private static final String[] VEHICLES = {"car", "truck", "van", "bus"};
  private static final Event LAST = new Event("", -1, 0, 0);

  private record Event(String vehicle, int bridge, long ts, int weight) {}

  public static void main(String[] arguments) throws Exception {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    var input = new BufferedReader(new InputStreamReader(System.in));
    for (var line = input.readLine(); line != null; line = input.readLine()) {
      var events = Long.parseLong(line.trim());
      var cpuBefore = system.getProcessCpuTime();
      var before = System.nanoTime();
      var counts = round(events);
      var wallNs = System.nanoTime() - before;
      var cpuNs = system.getProcessCpuTime() - cpuBefore;
      var text = new StringBuilder().append(wallNs / 1e6).append(' ').append(cpuNs / 1e6);
      for (var bridge = 0; bridge < BRIDGES; bridge++) {
        text.append(' ').append(counts.getOrDefault(bridge, new long[1])[0]);
      }
      System.out.println(text);
    }
  }

  private static Map<Integer, long[]> round(long events) throws InterruptedException {
    var queue = new ArrayBlockingQueue<Event>(CAPACITY);
    var source = new Thread(() -> produce(queue, events));
    source.start();
    var counts = new HashMap<Integer, long[]>();
    for (var event = queue.take(); event != LAST; event = queue.take()) {
      counts.computeIfAbsent(event.bridge(), bridge -> new long[1])[0]++;
    }
    source.join();
    return counts;
  }

  private static void produce(ArrayBlockingQueue<Event> queue, long events) {
    try {
      for (long index = 0; index < events; index++) queue.put(eventAt(index));
      queue.put(LAST);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  /** As JavaScript has it: the product is a double, rounded where it leaves the whole numbers that a double can tell apart. */
  private static Event eventAt(long index) {
    var product = (long) ((double) index * 2654435761.0);
    var bridge = (int) ((product & 0xffffffffL) % BRIDGES);
    return new Event(VEHICLES[(int) (index % 4)], bridge, 1_700_000_000_000L + index, (int) (index % 5000));
  }
}
