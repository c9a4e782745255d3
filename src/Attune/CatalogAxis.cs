namespace Attune;

/// <summary>One kind of nameable things.</summary>
/// <typeparam name="T">What an entry is.</typeparam>
public sealed class CatalogAxis<T>
    where T : class
{
    private readonly Func<T, string> _nameOf;

    internal CatalogAxis(string kind, Func<T, string> nameOf, params IReadOnlyList<T> all)
    {
        Kind = kind;
        _nameOf = nameOf;
        All = all;
        Names = [.. all.Select(nameOf)];
    }

    /// <summary>What an entry is called in messages, such as <c>backbone</c>.</summary>
    public string Kind { get; }

    /// <summary>All entries, in the order in which they are listed.</summary>
    public IReadOnlyList<T> All { get; }

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The entry of a name; null if there is none.</summary>
    public T? Find(string name) => All.FirstOrDefault(entry => _nameOf(entry) == name);

    /// <summary>The entry of a name.</summary>
    /// <exception cref="CatalogException">There is none: the message names the nearest, and all.</exception>
    public T Get(string name) => Find(name) ?? throw new CatalogException(
        $"There is no {Kind} '{name}'{(Nearest.Of(name, Names) is { } near ? $"; did you mean '{near}'?" : ".")} Known: {string.Join(", ", Names)}.");
}

/// <summary>A name that is not in the catalog.</summary>
/// <param name="message">What was asked for, what is nearest to it, and what there is.</param>
public sealed class CatalogException(string message) : Exception(message)
{
}
