using Attune.Formats;

namespace Attune.Tokenizers.Components;

/// <summary>The components of one stage by their <c>type</c>: the place where each is registered, one line a component.</summary>
/// <typeparam name="T">The stage's interface.</typeparam>
/// <param name="stage">What the stage is called in messages.</param>
/// <param name="readers">How each type is read from its object.</param>
internal sealed class ComponentTable<T>(string stage, Dictionary<string, Func<JsonFields, T>> readers)
    where T : class
{
    /// <summary>Reads a component.</summary>
    /// <exception cref="AttuneFormatException">The type is unknown or a field is wrong.</exception>
    public T Read(JsonFields fields)
    {
        var type = fields.String("type");
        return readers.TryGetValue(type, out var read)
            ? read(fields)
            : throw fields.Error("type", $"a known {stage} ({string.Join(", ", readers.Keys)})", "A tokenizer with a component that is not understood would split texts wrongly, so it is not loaded.");
    }

    /// <summary>Reads a component that may be left out.</summary>
    /// <exception cref="AttuneFormatException">The type is unknown or a field is wrong.</exception>
    public T? ReadOrNull(JsonFields parent, string name) => parent.ChildOrNull(name) is { } fields ? Read(fields) : null;

    /// <summary>Reads the members of a sequence.</summary>
    /// <exception cref="AttuneFormatException">A type is unknown or a field is wrong.</exception>
    public T[] ReadAll(JsonFields parent, string name)
    {
        if (!parent.Has(name)) throw parent.Error(name, $"a list of {stage}s");
        return [.. parent.Children(name).Select(Read)];
    }
}
