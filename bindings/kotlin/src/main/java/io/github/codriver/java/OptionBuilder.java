package io.github.codriver.java;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What was set so far, with the wire's names. */
abstract class OptionBuilder {
    final Map<String, Object> fields = new LinkedHashMap<>();

    OptionBuilder() {
    }

    void put(String name, Object value) {
        fields.put(name, Objects.requireNonNull(value, name));
    }
}
