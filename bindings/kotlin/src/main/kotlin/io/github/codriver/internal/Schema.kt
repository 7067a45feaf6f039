@file:OptIn(ExperimentalSerializationApi::class)

package io.github.codriver.internal

import io.github.codriver.Description
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.descriptors.PolymorphicKind
import kotlinx.serialization.descriptors.PrimitiveKind
import kotlinx.serialization.descriptors.SerialDescriptor
import kotlinx.serialization.descriptors.SerialKind
import kotlinx.serialization.descriptors.StructureKind
import kotlinx.serialization.json.JsonObject

/** The JSON schema of what a serializer reads; [where] is for the error. */
internal fun schemaOf(
    descriptor: SerialDescriptor,
    where: String,
): JsonObject {
    require(descriptor.kind == StructureKind.CLASS || descriptor.kind == StructureKind.OBJECT || descriptor.kind == StructureKind.MAP) {
        "$where: the arguments of a tool are an object; take a @Serializable class, not ${descriptor.serialName}"
    }
    return Schemas(where).of(descriptor)
}

private class Schemas(
    private val where: String,
) {
    private val path = ArrayDeque<String>()

    fun of(descriptor: SerialDescriptor): JsonObject {
        if (descriptor.isInline) return nullable(descriptor, of(descriptor.getElementDescriptor(0)))
        val name = descriptor.serialName.removeSuffix("?")
        if (name.startsWith("kotlinx.serialization.json.")) return any(name)
        // Lists in lists are fine.
        val nests = descriptor.kind == StructureKind.CLASS || descriptor.kind == PolymorphicKind.SEALED
        require(!nests || name !in path) { "$where: $name contains itself, and has no finite schema; give one by hand to Tool.raw" }
        path.addLast(name)
        val schema = plain(descriptor, name)
        path.removeLast()
        return nullable(descriptor, described(schema, descriptor.annotations))
    }

    private fun plain(
        descriptor: SerialDescriptor,
        name: String,
    ): JsonObject =
        when (descriptor.kind) {
            PrimitiveKind.STRING, PrimitiveKind.CHAR -> objectOf("type" to "string")
            PrimitiveKind.BOOLEAN -> objectOf("type" to "boolean")
            PrimitiveKind.FLOAT, PrimitiveKind.DOUBLE -> objectOf("type" to "number")
            is PrimitiveKind -> objectOf("type" to "integer")
            SerialKind.ENUM -> objectOf("enum" to (0 until descriptor.elementsCount).map(descriptor::getElementName))
            StructureKind.LIST -> objectOf("type" to "array", "items" to of(descriptor.getElementDescriptor(0)))
            StructureKind.MAP -> objectOf("type" to "object", "additionalProperties" to of(descriptor.getElementDescriptor(1)))
            StructureKind.CLASS, StructureKind.OBJECT -> record(descriptor, null)
            PolymorphicKind.SEALED -> sealed(descriptor)
            else -> throw IllegalArgumentException("$where: no JSON schema for $name; give one by hand to Tool.raw")
        }

    private fun record(
        descriptor: SerialDescriptor,
        discriminator: String?,
    ): JsonObject {
        val properties = linkedMapOf<String, Any?>()
        val required = mutableListOf<String>()
        if (discriminator != null) {
            properties[json.configuration.classDiscriminator] = objectOf("const" to discriminator)
            required += json.configuration.classDiscriminator
        }
        for (index in 0 until descriptor.elementsCount) {
            val inner = of(descriptor.getElementDescriptor(index))
            properties[descriptor.getElementName(index)] = described(inner, descriptor.getElementAnnotations(index))
            if (!descriptor.isElementOptional(index)) required += descriptor.getElementName(index)
        }
        return objectOf(
            "type" to "object",
            "properties" to properties,
            "required" to required.takeIf { it.isNotEmpty() },
            "additionalProperties" to false,
        )
    }

    private fun sealed(descriptor: SerialDescriptor): JsonObject {
        val subclasses = descriptor.getElementDescriptor(1)
        val names = (0 until subclasses.elementsCount).map(subclasses::getElementName)
        return objectOf("anyOf" to names.mapIndexed { index, name -> record(subclasses.getElementDescriptor(index), name) })
    }

    private fun any(name: String): JsonObject =
        when (name.substringAfterLast('.')) {
            "JsonObject" -> objectOf("type" to "object")
            "JsonArray" -> objectOf("type" to "array")
            else -> JsonObject(emptyMap())
        }

    private fun nullable(
        descriptor: SerialDescriptor,
        schema: JsonObject,
    ): JsonObject =
        if (descriptor.isNullable && schema.isNotEmpty() && "anyOf" !in schema) {
            objectOf("anyOf" to listOf(schema, objectOf("type" to "null")))
        } else {
            schema
        }

    private fun described(
        schema: JsonObject,
        annotations: List<Annotation>,
    ): JsonObject {
        val text = annotations.filterIsInstance<Description>().firstOrNull()?.text ?: return schema
        return JsonObject(schema + ("description" to jsonOf(text)))
    }
}
