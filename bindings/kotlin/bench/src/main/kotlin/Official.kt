import com.github.copilot.sdk.CopilotClient
import com.github.copilot.sdk.generated.AssistantMessageDeltaEvent
import com.github.copilot.sdk.generated.SessionIdleEvent
import com.github.copilot.sdk.json.CopilotClientOptions
import com.github.copilot.sdk.json.PermissionHandler
import com.github.copilot.sdk.json.SessionConfig
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.system.exitProcess

/** The same of the official package, as its documentation says to use it: `OfficialKt CASE COUNT`. */
fun main(arguments: Array<String>) {
    val count = arguments[1].toInt()
    println(
        when (arguments[0]) {
            "events" -> events(count, false)
            "read_events" -> events(count, true)
            "ping" -> started(emptyMap()).let { client -> calls(count) { client.ping("").join() } }
            else -> error("no case is called ${arguments[0]}")
        },
    )
    // The mock does not know all that it says at its end.
    exitProcess(0)
}

// This version reads the time of a ping as a number, which it has not been for long, and would not start.
private const val PING = """{"auto":{"ping":{"result":{"message":"pong: ","timestamp":1767225600000,"protocolVersion":3}}}}"""

private fun started(env: Map<String, String>): CopilotClient {
    val all = System.getenv() + env + ("MOCK_RUNTIME_SCRIPT" to PING)
    val options = CopilotClientOptions().setCliPath(MOCK).setEnvironment(all).setUseLoggedInUser(false)
    return CopilotClient(options).apply { start().join() }
}

private fun events(
    count: Int,
    reads: Boolean,
): String {
    val done = CountDownLatch(1)
    var heard = 0
    var text = 0L
    val session =
        started(firehose(count)).createSession(SessionConfig().setOnPermissionRequest(PermissionHandler.APPROVE_ALL)).join()
    session.on { event ->
        if (event is AssistantMessageDeltaEvent) {
            heard++
            if (reads) text += event.data.deltaContent().length
        } else if (event is SessionIdleEvent) {
            done.countDown()
        }
    }
    val began = System.nanoTime()
    session.send("pour").join()
    done.await(300, TimeUnit.SECONDS)
    return poured(heard, count, System.nanoTime() - began)
}
