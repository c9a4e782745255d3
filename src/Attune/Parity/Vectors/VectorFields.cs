using System.Text.Json;

namespace Attune.Parity.Vectors;

/// <summary>Fields of vectors, and what is said when one is not as it should be.</summary>
internal static class VectorFields
{
    /// <summary>Whole numbers.</summary>
    public static int[] Ints(this JsonElement vector, string name) => [.. vector.GetProperty(name).EnumerateArray().Select(item => item.GetInt32())];

    /// <summary>Marks, as 0 and 1 or as false and true.</summary>
    public static bool[] Flags(this JsonElement vector, string name) => [.. vector.GetProperty(name).EnumerateArray()
        .Select(item => item.ValueKind == JsonValueKind.Number ? item.GetInt32() != 0 : item.GetBoolean())];

    /// <summary>One whole number.</summary>
    public static int Int(this JsonElement vector, string name) => vector.GetProperty(name).GetInt32();

    /// <summary>The vectors below a name; none if it is not there.</summary>
    public static IEnumerable<JsonElement> Below(this JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out JsonElement list) ? list.EnumerateArray() : [];

    /// <summary>What a list's first vector has; false if there is none.</summary>
    public static bool FirstHas(this JsonElement list, params ReadOnlySpan<string> names)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0 || list[0].ValueKind != JsonValueKind.Object)
            return false;
        foreach (string name in names)
        {
            if (!list[0].TryGetProperty(name, out _))
                return false;
        }
        return true;
    }

    /// <summary>What differs between two lists; null if nothing.</summary>
    public static string? Difference<T>(string what, IEnumerable<T> found, IEnumerable<T> expected) =>
        found.SequenceEqual(expected) ? null : $"{what}: {string.Join(" ", found)} instead of {string.Join(" ", expected)}";

    /// <summary>What differs between two values; null if nothing.</summary>
    public static string? Difference<T>(string what, T found, T expected)
        where T : IEquatable<T> => found.Equals(expected) ? null : $"{what}: {found} instead of {expected}";
}
