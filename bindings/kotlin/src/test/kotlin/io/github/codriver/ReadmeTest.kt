package io.github.codriver

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.nio.file.Files
import java.nio.file.Path

class ReadmeTest {
    private fun lines(text: String) = text.lines().map(String::trim).filter(String::isNotEmpty)

    /** The examples stand in sources of the tests, line for line, where the compiler reads them. */
    @Test
    fun `the examples of the readme compile`() {
        val readme = Files.readString(Path.of("README.md"))
        val examples = Regex("^```(kotlin|java)\n(.*?)^```", setOf(RegexOption.DOT_MATCHES_ALL, RegexOption.MULTILINE)).findAll(readme).toList()
        assertEquals(listOf("kotlin", "java"), examples.map { it.groupValues[1] })
        for (example in examples) {
            val (language, text) = example.destructured
            val source = "src/test/$language/io/github/codriver/readme/Readme." + if (language == "kotlin") "kt" else "java"
            val compiled = lines(Files.readString(Path.of(source))).joinToString("\n")
            assertTrue(compiled.contains(lines(text).takeLastWhile { !it.startsWith("record ") }.joinToString("\n")), "$source is not what README.md says")
            for (line in lines(text)) assertTrue(line in compiled, line)
        }
    }
}
