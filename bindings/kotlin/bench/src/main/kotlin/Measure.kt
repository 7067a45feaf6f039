import java.nio.file.Files
import java.nio.file.Path

/** What both sides measure with. */
val MOCK: String = System.getenv("MOCK_RUNTIME")

fun firehose(events: Int): Map<String, String> = mapOf("MOCK_FIREHOSE" to "{\"events\":$events}")

/** Events that were heard of so many, in nanoseconds, as one line of JSON. */
fun poured(
    heard: Int,
    count: Int,
    nanoseconds: Long,
): String {
    val seconds = nanoseconds / 1e9
    return "{\"per_second\":${(heard / seconds).toLong()},\"lost\":${count - heard},\"mb\":${residentMb()}}"
}

fun residentMb(): Long = Files.readString(Path.of("/proc/self/statm")).split(' ')[1].toLong() * 4096 / 1_000_000

/** One after the other, the first tenth not counted. */
inline fun calls(
    count: Int,
    call: () -> Unit,
): String {
    val took = LongArray(count)
    for (number in -count / 10 until count) {
        val began = System.nanoTime()
        call()
        if (number >= 0) took[number] = System.nanoTime() - began
    }
    took.sort()
    return "{\"median_us\":${took[count / 2] / 1000.0},\"p99_us\":${took[count * 99 / 100] / 1000.0},\"mb\":${residentMb()}}"
}
