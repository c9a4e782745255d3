using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Attune.Formats;

/// <summary>
/// Typed access to the fields of a JSON object from an untrusted file, such as <c>config.json</c>. A field that is missing, of another
/// type or out of range ends in an <see cref="AttuneFormatException"/> naming file and field. Getters with a fallback return it where
/// the field is missing or null, as Hugging Face configurations mean it.
/// </summary>
/// <remarks>Reading is remembered, so that <see cref="UnreadKeys"/> can report unknown fields. Not thread-safe.</remarks>
public sealed class JsonFields
{
    private readonly string _prefix;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonFields> _children = new(StringComparer.Ordinal);

    /// <summary>Wraps an object that is already in memory.</summary>
    /// <param name="node">The object; it is not copied.</param>
    /// <param name="path">The file it came from, for messages.</param>
    public JsonFields(JsonObject node, string path) : this(node, path, "")
    {
    }

    private JsonFields(JsonObject node, string path, string prefix) => (Node, Path, _prefix) = (node, path, prefix);

    /// <summary>The object itself, unknown fields included: writing it back loses nothing.</summary>
    public JsonObject Node { get; }

    /// <summary>The file the object came from.</summary>
    public string Path { get; }

    /// <summary>The names of the fields, in the file's order.</summary>
    public IEnumerable<string> Keys => Node.Select(entry => entry.Key);

    /// <summary>Fields that no getter asked for so far, those of visited children included (<c>child.field</c>), in the file's order.</summary>
    public IReadOnlyList<string> UnreadKeys
    {
        get
        {
            List<string> unread = [];
            foreach (string key in Keys)
            {
                if (!_read.Contains(key)) unread.Add(_prefix + key);
                else unread.AddRange(_children.Where(child => child.Key == key || child.Key.StartsWith(key + "[", StringComparison.Ordinal))
                    .SelectMany(child => child.Value.UnreadKeys));
            }
            return unread;
        }
    }

    /// <summary>Reads a file that holds one JSON object, at most <see cref="JsonLimits.MaxConfigBytes"/> long.</summary>
    /// <exception cref="AttuneFormatException">Missing or unreadable file, too large, not valid JSON, or not an object.</exception>
    public static JsonFields Load(string path) =>
        Parse(BoundedFile.ReadAllBytes(path, JsonLimits.MaxConfigBytes, "a JSON file"), path);

    /// <summary>Reads one JSON object from UTF-8 bytes.</summary>
    /// <param name="utf8">The text.</param>
    /// <param name="path">Where it came from, for messages.</param>
    /// <exception cref="AttuneFormatException">Not valid JSON, or not an object.</exception>
    public static JsonFields Parse(ReadOnlySpan<byte> utf8, string path) => new(JsonLimits.ParseObject(utf8, path), path);

    /// <summary>Reads a file that holds one JSON array of objects, such as <c>modules.json</c>.</summary>
    /// <exception cref="AttuneFormatException">Missing or unreadable file, too large, not valid JSON, or not an array of objects.</exception>
    public static IReadOnlyList<JsonFields> LoadArray(string path)
    {
        JsonArray items = JsonLimits.ParseArray(BoundedFile.ReadAllBytes(path, JsonLimits.MaxConfigBytes, "a JSON file"), path);
        return [.. items.Select((item, index) => item is JsonObject fields
            ? new JsonFields(fields, path, $"[{index}].")
            : throw new AttuneFormatException(path, $"entry {index}", JsonLimits.Describe(item), "an object"))];
    }

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Raw(name) is not null;

    /// <summary>The field as it stands; null where it is missing or null.</summary>
    public JsonNode? Raw(string name)
    {
        _read.Add(name);
        return Node.TryGetPropertyValue(name, out JsonNode? value) ? value : null;
    }

    /// <summary>An integer.</summary>
    /// <exception cref="AttuneFormatException">Missing, not an integer, or outside of 32 bits.</exception>
    public int Int(string name) => ToInt(name, Required(name, "an integer"));

    /// <summary>An integer, or <paramref name="fallback"/> where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an integer, or outside of 32 bits.</exception>
    public int Int(string name, int fallback) => Raw(name) is { } value ? ToInt(name, value) : fallback;

    /// <summary>An integer, or null where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an integer, or outside of 32 bits.</exception>
    public int? IntOrNull(string name) => Raw(name) is { } value ? ToInt(name, value) : null;

    /// <summary>An integer of at least 1: a width, a count, a length.</summary>
    /// <exception cref="AttuneFormatException">Missing, not an integer, or below 1.</exception>
    public int Size(string name) => AtLeastOne(name, Int(name));

    /// <summary>An integer of at least 1, or <paramref name="fallback"/> where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an integer, or below 1.</exception>
    public int Size(string name, int fallback) => AtLeastOne(name, Int(name, fallback));

    /// <summary>A 64-bit integer.</summary>
    /// <exception cref="AttuneFormatException">Missing, not an integer, or outside of 64 bits.</exception>
    public long Long(string name) => ToLong(name, Required(name, "an integer"));

    /// <summary>A number.</summary>
    /// <exception cref="AttuneFormatException">Missing or not a finite number.</exception>
    public double Float(string name) => ToFloat(name, Required(name, "a number"));

    /// <summary>A number, or <paramref name="fallback"/> where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not a finite number.</exception>
    public double Float(string name, double fallback) => Raw(name) is { } value ? ToFloat(name, value) : fallback;

    /// <summary>A number, or null where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not a finite number.</exception>
    public double? FloatOrNull(string name) => Raw(name) is { } value ? ToFloat(name, value) : null;

    /// <summary>true or false.</summary>
    /// <exception cref="AttuneFormatException">Missing or something else.</exception>
    public bool Bool(string name) => ToBool(name, Required(name, "true or false"));

    /// <summary>true or false, or <paramref name="fallback"/> where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Something else.</exception>
    public bool Bool(string name, bool fallback) => Raw(name) is { } value ? ToBool(name, value) : fallback;

    /// <summary>A string.</summary>
    /// <exception cref="AttuneFormatException">Missing or not a string.</exception>
    public string String(string name) => ToString(name, Required(name, "a string"));

    /// <summary>A string, or <paramref name="fallback"/> where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not a string.</exception>
    public string String(string name, string fallback) => StringOrNull(name) ?? fallback;

    /// <summary>A string, or null where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not a string.</exception>
    public string? StringOrNull(string name) => Raw(name) is { } value ? ToString(name, value) : null;

    /// <summary>An object.</summary>
    /// <exception cref="AttuneFormatException">Missing or not an object.</exception>
    public JsonFields Child(string name) => ToChild(name, Required(name, "an object"));

    /// <summary>An object, or null where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an object.</exception>
    public JsonFields? ChildOrNull(string name) => Raw(name) is { } value ? ToChild(name, value) : null;

    /// <summary>An array of objects; empty where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an array, or an entry is not an object.</exception>
    public IReadOnlyList<JsonFields> Children(string name) => Items(name, ToChild) ?? [];

    /// <summary>An array of integers, or null where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an array, or an entry is not a 32-bit integer.</exception>
    public IReadOnlyList<int>? IntArrayOrNull(string name) => Items(name, ToInt);

    /// <summary>An array of integers.</summary>
    /// <exception cref="AttuneFormatException">Missing, not an array, or an entry is not a 32-bit integer.</exception>
    public IReadOnlyList<int> IntArray(string name) => IntArrayOrNull(name) ?? throw Missing(name, "an array of integers");

    /// <summary>An array of numbers, or null where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an array, or an entry is not a finite number.</exception>
    public IReadOnlyList<double>? FloatArrayOrNull(string name) => Items(name, ToFloat);

    /// <summary>An array of strings, or null where the field is missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an array, or an entry is not a string.</exception>
    public IReadOnlyList<string>? StringArrayOrNull(string name) => Items(name, ToString);

    /// <summary>An array of strings.</summary>
    /// <exception cref="AttuneFormatException">Missing, not an array, or an entry is not a string.</exception>
    public IReadOnlyList<string> StringArray(string name) => StringArrayOrNull(name) ?? throw Missing(name, "an array of strings");

    /// <summary>An object whose values are all strings (e.g. <c>id2label</c>), in the file's order; null where missing or null.</summary>
    /// <exception cref="AttuneFormatException">Not an object, or a value is not a string.</exception>
    public IReadOnlyList<KeyValuePair<string, string>>? StringMapOrNull(string name)
    {
        JsonFields? map = ChildOrNull(name);
        return map?.Keys.Select(key => KeyValuePair.Create(key, map.String(key))).ToArray();
    }

    /// <summary>Makes the exception for a field whose value is of the right type but not acceptable.</summary>
    /// <param name="name">The field.</param>
    /// <param name="expected">What would be acceptable.</param>
    /// <param name="advice">What the user can do, as a sentence.</param>
    public AttuneFormatException Error(string name, string expected, string? advice = null) =>
        new(Path, Field(name), JsonLimits.Describe(Raw(name)), expected, advice);

    private string Field(string name) => $"field '{_prefix}{name}'";

    private AttuneFormatException Missing(string name, string expected) =>
        new(Path, Field(name), Node.ContainsKey(name) ? "null" : "nothing (the field is missing)", expected);

    private JsonNode Required(string name, string expected) => Raw(name) ?? throw Missing(name, expected);

    private int AtLeastOne(string name, int value) => value >= 1 ? value : throw Error(name, "an integer of at least 1");

    private AttuneFormatException Wrong(string name, JsonNode? value, string expected) =>
        new(Path, Field(name), JsonLimits.Describe(value), expected);

    private long ToLong(string name, JsonNode? value)
    {
        if (value is JsonValue number && number.GetValueKind() == JsonValueKind.Number)
        {
            string text = number.ToJsonString();
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer)) return integer;
            // Some writers give whole numbers as 12.0; beyond 2^53 a double is no longer exact and is refused.
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real)
                && real == Math.Floor(real) && Math.Abs(real) <= 1L << 53) return (long)real;
        }
        throw Wrong(name, value, "an integer");
    }

    private int ToInt(string name, JsonNode? value)
    {
        long integer = ToLong(name, value);
        return integer is >= int.MinValue and <= int.MaxValue ? (int)integer : throw Wrong(name, value, "an integer of at most 32 bits");
    }

    private double ToFloat(string name, JsonNode? value)
    {
        if (value is JsonValue number && number.GetValueKind() == JsonValueKind.Number
            && double.TryParse(number.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double real)
            && double.IsFinite(real)) return real;
        throw Wrong(name, value, "a finite number");
    }

    private bool ToBool(string name, JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, value, "true or false"),
    };

    private string ToString(string name, JsonNode? value) =>
        value is JsonValue text && text.GetValueKind() == JsonValueKind.String ? text.GetValue<string>() : throw Wrong(name, value, "a string");

    private JsonFields ToChild(string name, JsonNode? value)
    {
        if (_children.TryGetValue(name, out JsonFields? known)) return known;
        if (value is not JsonObject child) throw Wrong(name, value, "an object");
        return _children[name] = new JsonFields(child, Path, $"{_prefix}{name}.");
    }

    private T[]? Items<T>(string name, Func<string, JsonNode?, T> convert)
    {
        JsonNode? value = Raw(name);
        if (value is null) return null;
        if (value is not JsonArray array) throw Wrong(name, value, "an array");
        T[] items = new T[array.Count];
        for (int i = 0; i < items.Length; i++) items[i] = convert($"{name}[{i}]", array[i]);
        return items;
    }
}
