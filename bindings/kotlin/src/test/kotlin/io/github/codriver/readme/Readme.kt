package io.github.codriver.readme

import io.github.codriver.Codriver
import io.github.codriver.Description
import io.github.codriver.PermissionDecision
import kotlinx.serialization.Serializable

@Serializable
class Weather(@Description("the city's name") val city: String)

suspend fun main() {
    Codriver.start().use { client ->
        val session = client.createSession {
            model = "gpt-5"
            streaming = true
            onEvent { println(it.type) }
            onPermissionRequest { PermissionDecision.approveOnce() }
            tool("get_weather", "Tells the weather.") { asked: Weather -> "22 °C in ${asked.city}" }
        }
        println(session.sendAndWait("What is the weather in Paris?").content)
    }
}
