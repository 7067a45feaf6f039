package io.github.codriver.java;

import io.github.codriver.internal.WireObject;
import java.util.Map;
import java.util.TreeSet;

/** Options that belong together. Immutable. */
public abstract class OptionObject implements WireObject {
    private final Map<String, Object> fields;

    OptionObject(OptionBuilder builder) {
        fields = Map.copyOf(builder.fields);
    }

    @Override
    public final Map<String, Object> wireFields() {
        return fields;
    }

    /** Only the names of what is set: values may be secrets. */
    @Override
    public final String toString() {
        return getClass().getSimpleName() + new TreeSet<>(fields.keySet());
    }
}
