using System.Globalization;

namespace Attune.Data.Labelled;

/// <summary>The names of classes, numbered from 0.</summary>
public sealed class LabelSet
{
    private readonly string[] _names;
    private readonly Dictionary<string, int> _ids;

    /// <summary>Numbers names in the order given.</summary>
    /// <exception cref="ArgumentException">A name comes twice.</exception>
    public LabelSet(params IEnumerable<string> names)
    {
        _names = [.. names];
        _ids = new Dictionary<string, int>(_names.Length, StringComparer.Ordinal);
        for (int i = 0; i < _names.Length; i++)
        {
            if (!_ids.TryAdd(_names[i], i)) throw new ArgumentException($"The label '{_names[i]}' comes twice.", nameof(names));
        }
    }

    /// <summary>The number of classes.</summary>
    public int Count => _names.Length;

    /// <summary>The names by number.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>Collects the labels that occur: whole numbers by value, other names in ordinal order.</summary>
    public static LabelSet Collect(IEnumerable<string> occurrences)
    {
        string[] names = [.. occurrences.Distinct(StringComparer.Ordinal)];
        bool numbers = names.All(name => int.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
        return new LabelSet(numbers
            ? names.OrderBy(name => int.Parse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)).ThenBy(name => name, StringComparer.Ordinal)
            : names.Order(StringComparer.Ordinal));
    }

    /// <summary>Finds the number of a name.</summary>
    public bool TryFind(string name, out int id) => _ids.TryGetValue(name, out id);

    /// <summary>All names, for messages (the first of them where there are many).</summary>
    public override string ToString() => string.Join(", ", _names.Take(20)) + (_names.Length > 20 ? ", ..." : "");
}
