package io.github.codriver

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.CsvSource
import java.util.concurrent.TimeUnit
import kotlin.system.exitProcess

/** What [ExitTest] runs in a JVM of its own. */
object Exits {
    @JvmStatic
    fun main(arguments: Array<String>) {
        val ending = arguments[0]
        runBlocking {
            val seen = CompletableDeferred<Unit>()
            val client = Codriver.start(Mock.config(firehose = 1_000_000))
            val session =
                client.createSession {
                    onEvent {
                        if (it.seq > 2000) {
                            seen.complete(Unit)
                            if (ending == "blocked") Thread.sleep(600_000)
                        }
                    }
                }
            session.send("pour")
            seen.await()
            println(client.runtimePid)
        }
        when (ending) {
            "exits" -> exitProcess(3)
            "throws" -> error("mine")
            "halts" -> Runtime.getRuntime().halt(4)
            "terminated" -> Thread.sleep(600_000)
        }
    }
}

class ExitTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource("returns,0", "exits,3", "throws,1", "halts,4", "blocked,0", "terminated,143")
    fun `i28 a JVM that ends while events flow ends as it says, and its runtime with it`(
        ending: String,
        code: Int,
    ) {
        val java = ProcessHandle.current().info().command().get()
        val library = "-Dcodriver.library.path=" + System.getProperty("codriver.library.path")
        val arguments = System.getProperty("test.arguments").orEmpty().split(' ').filter(String::isNotEmpty)
        val command = listOf(java, library) + arguments + listOf("-cp", System.getProperty("java.class.path"), "io.github.codriver.Exits", ending)
        val process = ProcessBuilder(command).start()
        val pid = process.inputReader().readLine()
        // By its handle: the process itself would close its streams.
        if (ending == "terminated") process.toHandle().destroy()
        val complaints = process.errorReader().readText()
        assertTrue(process.waitFor(120, TimeUnit.SECONDS))
        assertEquals(code, process.exitValue(), complaints)
        if (ending == "throws") {
            assertTrue("mine" in complaints, complaints)
        } else {
            assertEquals("", complaints)
        }
        val runtime = ProcessHandle.of(pid.toLong())
        repeat(1000) { if (runtime.map(ProcessHandle::isAlive).orElse(false)) Thread.sleep(20) }
        assertTrue(!runtime.map(ProcessHandle::isAlive).orElse(false))
    }
}
